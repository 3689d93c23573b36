using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using ServiceQuality.Access;
using ServiceQuality.Monitoring.Telemetry;

namespace ServiceQuality.Monitoring.Metrics;

/// <summary>OTLP over HTTP with JSON: for branch systems that already speak OpenTelemetry (MON-05).</summary>
internal static class MetricsApi
{
    public static void MapMetrics(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/v1/metrics", Post)
            .RequirePermission(Permissions.PostTelemetry)
            .WithName("post-metrics").WithTags("Telemetry")
            .WithSummary("Report gauges and sums as OTLP/HTTP JSON; each data point becomes a measurement.")
            .WithDescription("The resource attribute servicequality.unit names the unit, the metric's name the measure. Points that were not accepted are counted in partialSuccess.")
            .DescribeBody("application/json")
            .ProducesProblem(StatusCodes.Status400BadRequest).ProducesProblem(StatusCodes.Status413PayloadTooLarge)
            .ProducesProblem(StatusCodes.Status415UnsupportedMediaType).ProducesProblem(StatusCodes.Status503ServiceUnavailable);

    private static async Task<Results<Ok<ExportAnswer>, ProblemHttpResult>> Post(HttpContext context, Intake intake, IOptions<IntakeSettings> settings, CancellationToken ct) =>
        MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type) && type.MediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            ? await TelemetryApi.ReadingAsync<Ok<ExportAnswer>>(context.Request, settings.Value.MaxBytes, async body =>
            {
                var (events, unsupported) = DataPoints.ToEvents(body);
                return TypedResults.Ok(ExportAnswer.Of(await intake.TakeAsync(events, isBatch: true, context.Caller(), ct), unsupported));
            }, ct)
            : Problems.Of(StatusCodes.Status415UnsupportedMediaType, "unsupported-media-type", "Send OTLP as application/json.");
}

/// <summary>ExportMetricsServiceResponse of OTLP: empty when everything was taken.</summary>
internal sealed record ExportAnswer([property: System.Text.Json.Serialization.JsonIgnore(Condition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull)] PartialSuccess? PartialSuccess)
{
    public static ExportAnswer Of(IntakeAnswer answer, int unsupported)
    {
        var rejected = answer.Rejected + unsupported;
        if (rejected == 0)
            return new ExportAnswer((PartialSuccess?)null);
        var reasons = answer.Items.Where(item => item.Status == "rejected").GroupBy(item => item.Code).Select(group => $"{group.Key}: {group.Count()}").ToList();
        if (unsupported > 0)
            reasons.Add($"unsupported-metric: {unsupported}");
        return new ExportAnswer(new PartialSuccess(rejected, string.Join(", ", reasons)));
    }
}

/// <summary>What was not taken. OTLP spells 64-bit numbers as text in JSON; readers take both.</summary>
internal sealed record PartialSuccess(int RejectedDataPoints, string ErrorMessage);
