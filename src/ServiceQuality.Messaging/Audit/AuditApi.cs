using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;

namespace ServiceQuality.Messaging;

/// <summary>Exports the audit trail.</summary>
public static class AuditApi
{
    /// <summary>
    /// <c>GET /api/audit/{service}?from=1</c>: the trail as NDJSON, streamed, from record <c>from</c> on. The chain can only be checked whole,
    /// so it is given to those who may read the audit of the whole organisation.
    /// </summary>
    public static IEndpointRouteBuilder MapAudit(this IEndpointRouteBuilder routes, string service)
    {
        routes.MapGet($"/api/audit/{service}", (HttpContext context, [Microsoft.AspNetCore.Mvc.FromQuery] long? from) => Export(context, service, from ?? 1))
            .RequirePermission(Permissions.ReadAudit)
            .Produces(StatusCodes.Status200OK, contentType: "application/x-ndjson")
            .WithName($"audit-{service}").WithTags("Audit").WithGroupName(service)
            .WithSummary("The audit trail as NDJSON, one record a line, chained by hashes.");
        return routes;
    }

    private static Results<PushStreamHttpResult, ProblemHttpResult> Export(HttpContext context, string service, long from)
    {
        if (!context.Caller().MayEverywhere(Permissions.ReadAudit))
            return Problems.Of(StatusCodes.Status403Forbidden, "not-allowed", "You are not allowed to do this.");

        var db = context.RequestServices.GetRequiredKeyedService<NpgsqlDataSource>(service);
        return TypedResults.Stream(body => WriteAsync(db, from, body, context.RequestAborted), "application/x-ndjson", $"audit-{service}.ndjson");
    }

    private static async Task WriteAsync(NpgsqlDataSource db, long from, Stream body, CancellationToken ct)
    {
        await using var command = db.CreateCommand("select line from audit where seq >= $1 order by seq");
        command.Parameters.Add(new() { Value = from });
        await using var reader = await command.ExecuteReaderAsync(ct);
        await using var lines = new StreamWriter(body, leaveOpen: true) { NewLine = "\n" };
        while (await reader.ReadAsync(ct))
            await lines.WriteLineAsync(reader.GetString(0).AsMemory(), ct);
    }
}
