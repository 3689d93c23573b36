using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;

namespace ServiceQuality.Scores.Journals;

/// <summary>A fact as it stands in the journal, with the batch, key and trace that it came by (PLT-07).</summary>
internal sealed record JournalFactView(
    long Seq, string Source, string Id, string Type, DateTimeOffset Time, DateTimeOffset Received, JsonElement Data, Guid Batch, Guid? Key, string? TraceParent);

/// <summary>A page of a journal; <paramref name="Next"/> is the <c>after</c> of the following page, null at the end.</summary>
internal sealed record JournalPage(Guid Unit, long Head, IReadOnlyList<JournalFactView> Items, long? Next);

/// <summary>Live and recomputed.</summary>
internal sealed record VerificationView(Guid Unit, long Seq, string Live, string Recomputed, bool Agrees);

internal static class JournalApi
{
    private const int MaxPage = 1_000;

    public static void MapJournal(this IEndpointRouteBuilder routes)
    {
        var journal = routes.MapGroup("/api/journal/{unit}").WithTags("Journal").WithGroupName(ScoresService.Name);
        journal.MapGet("/", Page).WithName("journal").RequirePermission(Permissions.ReadFacts).WithSummary("Facts of a unit in the order of their seq; limit 1–1000, default 100.");
        journal.MapPost("/verify", Verify).WithName("journal-verify").RequirePermission(Permissions.ReadAudit).WithSummary("Folds the whole journal again and compares it with the live ledger, bit for bit.");
    }

    private static async Task<Results<Ok<JournalPage>, ProblemHttpResult>> Page(
        string unit, long? after, int? limit, HttpContext context, UnitReplica units, [FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db, CancellationToken ct)
    {
        if (ScoreQuery.Find(context, units.Tree, unit, Permissions.ReadFacts, out var found) is { } problem)
            return problem;
        if (limit is < 1 or > MaxPage)
            return Problems.Of(StatusCodes.Status400BadRequest, "limit-invalid", $"'limit' is 1 to {MaxPage}.");
        if (after is < 0)
            return Problems.Of(StatusCodes.Status400BadRequest, "after-invalid", "'after' is a seq, 0 or more.");

        var journal = new Journal(db);
        if (!await journal.ExistsAsync(found.Id, ct))
            return TypedResults.Ok(new JournalPage(found.Id, 0, [], null));
        var head = await journal.OpenAsync(found.Id, ct);
        var rows = await journal.PageAsync(head.Branch, after ?? 0, limit ?? 100, ct);
        var origins = await journal.OriginsAsync([.. rows.Select(row => row.Batch).Distinct()], ct);
        return TypedResults.Ok(new JournalPage(found.Id, head.Head, [.. rows.Select(row => View(row, origins.GetValueOrDefault(row.Batch)))],
            rows.Count > 0 && rows[^1].Seq < head.Head ? rows[^1].Seq : null));
    }

    private static async Task<Results<Ok<VerificationView>, ProblemHttpResult>> Verify(string unit, HttpContext context, UnitReplica units, IScoreTier tier, CancellationToken ct)
    {
        if (ScoreQuery.Find(context, units.Tree, unit, Permissions.ReadAudit, out var found) is { } problem)
            return problem;
        return await tier.VerifyAsync(found.Id, ct) is { } done
            ? TypedResults.Ok(new VerificationView(done.Unit, done.Seq, done.Live, done.Recomputed, done.Agrees))
            : Problems.Of(StatusCodes.Status404NotFound, "no-journal", "The unit has no journal of its own.");
    }

    private static JournalFactView View(JournalRow row, BatchOrigin? origin) => new(
        row.Seq, row.Source, row.Id, row.Type, row.Time, row.Received, JsonSerializer.Deserialize<JsonElement>(row.Data.Span), row.Batch, origin?.Key, origin?.TraceParent);
}
