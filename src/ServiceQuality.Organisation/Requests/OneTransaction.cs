using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.EntityFrameworkCore;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Data;

namespace ServiceQuality.Organisation.Requests;

/// <summary>
/// Runs a changing request in one transaction: the change, its audit record, its messages and, with an Idempotency-Key, its answer are committed
/// together; an answer of 400 or more rolls all of it back.
/// </summary>
internal sealed class OneTransaction(TimeProvider clock) : IEndpointFilter
{
    private const string Header = "Idempotency-Key";
    private const int LongestKey = 200;

    public async ValueTask<object?> InvokeAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        var http = context.HttpContext;
        var db = http.RequestServices.GetRequiredService<OrganisationDb>();
        await using var transaction = await db.Database.BeginTransactionAsync(http.RequestAborted);

        if (http.Request.Headers[Header].ToString() is { Length: > 0 } header)
            return await OnceAsync(context, next, db, header);

        var result = await next(context);
        if (Status(result) < StatusCodes.Status400BadRequest)
            await CommitAsync(db, http.RequestAborted);
        return result;
    }

    private async Task<IResult> OnceAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next, OrganisationDb db, string header)
    {
        var http = context.HttpContext;
        var ct = http.RequestAborted;
        if (header.Length > LongestKey)
            return Problems.Of(StatusCodes.Status400BadRequest, "idempotency-key-too-long", $"An Idempotency-Key has at most {LongestKey} characters.");

        var key = AnsweredRequest.KeyOf(http.Caller().Subject, http.Request.Method, http.Request.Path, header);
        var asked = SHA256.HashData(Body(context));
        await db.LockAsync(Convert.ToHexStringLower(key), ct);
        var now = clock.GetUtcNow();
        var earlier = await db.AnsweredRequests.AsNoTracking().SingleOrDefaultAsync(request => request.Key == key && request.AnsweredAt > now - AnsweredRequest.KeptFor, ct);
        if (earlier is not null)
            return earlier.RequestHash.AsSpan().SequenceEqual(asked)
                ? new Repeated(earlier, earlier.Open(header))
                : Problems.Of(StatusCodes.Status422UnprocessableEntity, "idempotency-key-reused", "This Idempotency-Key was sent before with another request.");

        var result = await next(context) as IResult ?? throw new InvalidOperationException("A changing endpoint answers with a result.");
        if (Status(result) >= StatusCodes.Status400BadRequest)
            return result;

        var answer = await CaptureAsync(result, http);
        await db.AnsweredRequests.Where(request => request.AnsweredAt <= now - AnsweredRequest.KeptFor).ExecuteDeleteAsync(ct);
        db.AnsweredRequests.Add(new AnsweredRequest
        {
            Key = key,
            RequestHash = asked,
            Status = http.Response.StatusCode,
            Location = http.Response.Headers.Location,
            Etag = http.Response.Headers.ETag,
            Answer = AnsweredRequest.Seal(answer, header, key),
            AnsweredAt = now,
        });
        await CommitAsync(db, ct);
        await http.Response.Body.WriteAsync(answer, ct);
        return Results.Empty;
    }

    private static async Task CommitAsync(OrganisationDb db, CancellationToken ct)
    {
        await db.SaveChangesAsync(ct);
        await db.Database.CommitTransactionAsync(ct);
    }

    private static async Task<byte[]> CaptureAsync(IResult result, HttpContext http)
    {
        var body = http.Response.Body;
        using var buffer = new MemoryStream();
        http.Response.Body = buffer;
        try
        {
            await result.ExecuteAsync(http);
        }
        finally
        {
            http.Response.Body = body;
        }
        return buffer.ToArray();
    }

    /// <summary>What was asked, independent of white space: the bound body.</summary>
    private static byte[] Body(EndpointFilterInvocationContext context)
    {
        var type = context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<IAcceptsMetadata>()?.RequestType;
        var body = context.Arguments.FirstOrDefault(argument => argument is not null && argument.GetType() == type);
        return JsonSerializer.SerializeToUtf8Bytes(body, type ?? typeof(object));
    }

    private static int Status(object? result) => result switch
    {
        INestedHttpResult nested => Status(nested.Result),
        IStatusCodeHttpResult { StatusCode: { } status } => status,
        _ => StatusCodes.Status200OK,
    };

    private sealed class Repeated(AnsweredRequest earlier, byte[] answer) : IResult
    {
        public async Task ExecuteAsync(HttpContext httpContext)
        {
            var response = httpContext.Response;
            response.StatusCode = earlier.Status;
            if (earlier.Location is not null)
                response.Headers.Location = earlier.Location;
            if (earlier.Etag is not null)
                response.Headers.ETag = earlier.Etag;
            if (answer.Length == 0)
                return;
            response.ContentType = "application/json; charset=utf-8";
            await response.Body.WriteAsync(answer, httpContext.RequestAborted);
        }
    }
}
