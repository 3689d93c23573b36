using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Microsoft.OpenApi;
using ServiceQuality.Access;

namespace ServiceQuality.Monitoring.Telemetry;

/// <summary>Telemetry in: CloudEvents 1.0 over HTTP, binary, structured and batched (MON-05).</summary>
internal static class TelemetryApi
{
    private const string Structured = "application/cloudevents+json";
    private const string Batched = "application/cloudevents-batch+json";

    public static void MapTelemetry(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/api/telemetry", Post)
            .RequirePermission(Permissions.PostTelemetry)
            .WithName("post-telemetry").WithTags("Telemetry")
            .WithSummary("Report facts as CloudEvents 1.0.")
            .WithDescription("Up to 1,000 events and 4 MiB after unpacking (Content-Encoding: gzip). Accepted means durable. Items that were not accepted are listed with a stable code; the same source and id again is a duplicate without effect.")
            .DescribeBody(Batched, Structured, "application/json")
            .Produces<IntakeAnswer>(StatusCodes.Status202Accepted)
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status503ServiceUnavailable);
        routes.MapGet("/api/telemetry/status", IntakeStatusApi.Get)
            .RequirePermission(Permissions.ReadTelemetry)
            .WithName("telemetry-status").WithTags("Telemetry")
            .WithSummary("What became of the telemetry of the last hour, in my units.");
    }

    /// <summary>
    /// Names the media types in the description only. As routing metadata they would be refused before anyone asked who is there.
    /// </summary>
    internal static RouteHandlerBuilder DescribeBody(this RouteHandlerBuilder endpoint, params string[] mediaTypes) =>
        endpoint.AddOpenApiOperationTransformer((operation, _, _) =>
        {
            operation.RequestBody = new OpenApiRequestBody { Required = true, Content = mediaTypes.ToDictionary(type => type, _ => new OpenApiMediaType()) };
            return Task.CompletedTask;
        });

    private static async Task<Results<Accepted<IntakeAnswer>, ProblemHttpResult>> Post(HttpContext context, Intake intake, IOptions<IntakeSettings> settings, CancellationToken ct) =>
        FormOf(context.Request) is not { } form
            ? Problems.Of(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", $"Send {Batched}, {Structured}, or application/json with ce- headers.")
            : await ReadingAsync<Accepted<IntakeAnswer>>(context.Request, settings.Value.MaxBytes, async body =>
            {
                var json = form == EventForm.Binary ? BinaryEvent(context.Request.Headers, body) : body;
                return TypedResults.Accepted((string?)null, await intake.TakeAsync(json, form == EventForm.Batch, context.Caller(), ct));
            }, ct);

    /// <summary>Reads the body and hands it on; what is wrong with the request as a whole becomes a problem.</summary>
    internal static async Task<Results<T, ProblemHttpResult>> ReadingAsync<T>(HttpRequest request, int limit, Func<ReadOnlyMemory<byte>, Task<T>> take, CancellationToken ct) where T : IResult
    {
        var encoding = request.Headers.ContentEncoding.ToString();
        var packed = encoding.Equals("gzip", StringComparison.OrdinalIgnoreCase);
        if (!packed && encoding.Length > 0 && !encoding.Equals("identity", StringComparison.OrdinalIgnoreCase))
        {
            request.HttpContext.Response.Headers.AcceptEncoding = "gzip";
            return Problems.Of(StatusCodes.Status415UnsupportedMediaType, "unsupported-encoding", "Only gzip is unpacked.");
        }

        try
        {
            using var body = await RequestBody.ReadAsync(request, packed, limit, ct);
            return await take(body.Json);
        }
        catch (TooLargeException large)
        {
            return Problems.Of(StatusCodes.Status413PayloadTooLarge, "too-large", large.Message);
        }
        catch (TooManyItemsException many)
        {
            return Problems.Of(StatusCodes.Status413PayloadTooLarge, "too-many-items", many.Message);
        }
        catch (JsonException broken)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, "malformed-json", broken.Message);
        }
        catch (InvalidDataException broken)
        {
            return Problems.Of(StatusCodes.Status400BadRequest, "malformed-gzip", broken.Message);
        }
    }

    private enum EventForm
    {
        Binary,
        Structured,
        Batch,
    }

    private static EventForm? FormOf(HttpRequest request)
    {
        if (!MediaTypeHeaderValue.TryParse(request.ContentType, out var type))
            return null;
        if (type.Charset.HasValue && !type.Charset.Equals("utf-8", StringComparison.OrdinalIgnoreCase))
            return null;
        if (type.MediaType.Equals(Batched, StringComparison.OrdinalIgnoreCase))
            return EventForm.Batch;
        if (type.MediaType.Equals(Structured, StringComparison.OrdinalIgnoreCase))
            return EventForm.Structured;
        var isJson = type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase) || type.Suffix.Equals("json", StringComparison.OrdinalIgnoreCase);
        return isJson && !type.MediaType.StartsWith("application/cloudevents", StringComparison.OrdinalIgnoreCase) && request.Headers.Keys.Any(name => name.StartsWith("ce-", StringComparison.OrdinalIgnoreCase))
            ? EventForm.Binary
            : null;
    }

    /// <summary>The structured form of an event whose attributes came as headers, percent-encoded, and whose data is the body.</summary>
    private static ReadOnlyMemory<byte> BinaryEvent(IHeaderDictionary headers, ReadOnlyMemory<byte> data)
    {
        var buffer = new ArrayBufferWriter<byte>(data.Length + 512);
        using var writer = new Utf8JsonWriter(buffer);
        writer.WriteStartObject();
        foreach (var (name, value) in headers)
            if (name.StartsWith("ce-", StringComparison.OrdinalIgnoreCase) && !name.Equals("ce-data", StringComparison.OrdinalIgnoreCase) && !name.Equals("ce-datacontenttype", StringComparison.OrdinalIgnoreCase))
                writer.WriteString(name[3..].ToLowerInvariant(), Uri.UnescapeDataString(value.ToString()));
        if (!data.IsEmpty)
        {
            writer.WritePropertyName("data");
            writer.WriteRawValue(data.Span);
        }
        writer.WriteEndObject();
        writer.Flush();
        return buffer.WrittenMemory;
    }
}
