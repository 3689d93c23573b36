using System.Net;
using System.Text.Json;
using ServiceQuality.Clients;
using ServiceQuality.Console.Evaluations;
using ServiceQuality.Console.Panels;
using ServiceQuality.Console.Schemes;

namespace ServiceQuality.Console.Suite;

/// <summary>Why something could not be read.</summary>
public enum Obstacle
{
    /// <summary>The service is away or answers with a fault; worth another try.</summary>
    Away,

    /// <summary>The caller may not see it.</summary>
    NotAllowed,

    /// <summary>There is no such thing.</summary>
    Unknown,

    /// <summary>The service refuses the request as it was put.</summary>
    Refused,
}

/// <summary>What a service said, or why it said nothing. A page shows the parts it has and names the parts that are missing (PLT-05).</summary>
public readonly record struct Reading<T>(T? Value, Obstacle? Obstacle) where T : class
{
    /// <summary>True when the service answered with a value.</summary>
    public bool Has => Value is not null;
}

/// <summary>Reads from the services in the name of the person behind the request.</summary>
public sealed class SuiteReader(IHttpClientFactory clients, ILogger<SuiteReader> logger)
{
    private const int UnitsPerRead = 5000;
    private const int MostReads = 20;

    // A page waits for scores as long as they take; for what it can do without, no longer than a reader would.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    public Task<Reading<Board>> BoardAsync(string period, CancellationToken ct) => ReadAsync<Board>("scores", $"api/overview?period={Escape(period)}", ct);

    public Task<Reading<UnitScore>> ScoreAsync(string unit, string period, DateTimeOffset? asOf, CancellationToken ct) =>
        ReadAsync<UnitScore>("scores", $"api/scores/{Escape(unit)}/explanation?period={Escape(period)}{At("asOf", asOf)}", ct);

    public Task<Reading<ScoreChanges>> ChangesAsync(string unit, string period, DateTimeOffset from, DateTimeOffset to, CancellationToken ct) =>
        ReadAsync<ScoreChanges>("scores", $"api/scores/{Escape(unit)}/changes?period={Escape(period)}{At("from", from)}{At("to", to)}", ct);

    /// <summary>The change since this time yesterday with today's knowledge: the same figure as the board's change over 24 hours.</summary>
    public Task<Reading<ScoreChanges>> DayChangesAsync(string unit, string period, CancellationToken ct) =>
        ReadAsync<ScoreChanges>("scores", $"api/scores/{Escape(unit)}/changes?period={Escape(period)}&knowledge=now", ct);

    public Task<Reading<ScoreHistory>> HistoryAsync(string unit, string period, DateTimeOffset from, DateTimeOffset to, string step, CancellationToken ct) =>
        ReadAsync<ScoreHistory>("scores", $"api/scores/{Escape(unit)}/history?period={Escape(period)}&step={step}{At("from", from)}{At("to", to)}", ct);

    public Task<Reading<JsonDocument>> SchemeAsync(string scheme, int version, CancellationToken ct) =>
        ReadAsync<JsonDocument>("scores", FormattableString.Invariant($"api/schemes/{Escape(scheme)}?version={version}"), ct);

    public Task<Reading<SchemeListings>> SchemesAsync(CancellationToken ct) => ReadAsync<SchemeListings>("scores", "api/schemes", ct);

    public Task<Reading<Measures.MeasureLanguage>> MeasureLanguageAsync(CancellationToken ct) => ReadAsync<Measures.MeasureLanguage>("scores", "api/schemes/measure-language", ct);

    public Task<Reading<SchemeStanding>> SchemeStandingAsync(string scheme, int version, CancellationToken ct) =>
        ReadAsync<SchemeStanding>("scores", FormattableString.Invariant($"api/schemes/{Escape(scheme)}/versions/{version}"), ct);

    public Task<Reading<TryOutList>> TryOutsAsync(string scheme, int version, CancellationToken ct) =>
        ReadAsync<TryOutList>("scores", FormattableString.Invariant($"api/schemes/{Escape(scheme)}/versions/{version}/try-outs"), ct);

    public Task<Reading<FuzzyEvaluation>> FuzzyAsync(string unit, string period, string? composition, CancellationToken ct) =>
        ReadAsync<FuzzyEvaluation>("scores", $"api/scores/{Escape(unit)}/fuzzy?period={Escape(period)}&operator={Escape(composition ?? "")}", ct);

    public Task<Reading<ServqualGaps>> ServqualAsync(string unit, string period, CancellationToken ct) =>
        ReadAsync<ServqualGaps>("scores", $"api/scores/{Escape(unit)}/servqual?period={Escape(period)}", ct);

    public Task<Reading<GapBoard>> GapsAsync(string unit, string period, CancellationToken ct) =>
        ReadAsync<GapBoard>("scores", $"api/scores/{Escape(unit)}/gaps?period={Escape(period)}", ct);

    public Task<Reading<PanelList>> PanelsAsync(CancellationToken ct) => ReadAsync<PanelList>("scores", "api/panels", ct);

    public Task<Reading<ExpertPanel>> PanelAsync(Guid id, CancellationToken ct) => ReadAsync<ExpertPanel>("scores", $"api/panels/{id}", ct);

    /// <summary>What the score service says at an address; the parts of the address are escaped.</summary>
    public Task<Reading<T>> ScoresAsync<T>(FormattableString address, CancellationToken ct) where T : class =>
        ReadAsync<T>("scores", string.Format(System.Globalization.CultureInfo.InvariantCulture, address.Format, [.. address.GetArguments().Select(part => (object)Escape(System.Convert.ToString(part, System.Globalization.CultureInfo.InvariantCulture) ?? ""))]), ct);

    public Task<Reading<IntakeStatus>> IntakeAsync(CancellationToken ct) => ReadAsync<IntakeStatus>("monitoring", "api/telemetry/status", ct, Patience);

    /// <summary>The caller's tree, page by page.</summary>
    public async Task<Reading<IReadOnlyList<Unit>>> UnitsAsync(CancellationToken ct)
    {
        var units = new List<Unit>();
        string? after = null;
        for (var read = 0; read < MostReads; read++)
        {
            var page = await ReadAsync<UnitPage>("organisation", $"api/units?limit={UnitsPerRead}{(after is null ? "" : "&after=" + Escape(after))}", ct, Patience);
            if (page.Value is null)
                return new(null, page.Obstacle);
            units.AddRange(page.Value.Items);
            after = page.Value.Next;
            if (after is null)
                break;
        }

        return new(units, null);
    }

    /// <summary>True when the service says that it is ready.</summary>
    public async Task<bool> IsReadyAsync(string service, CancellationToken ct)
    {
        try
        {
            using var question = new HttpRequestMessage(HttpMethod.Get, "readyz");
            question.Options.Set(ServiceClients.Patience, Patience);
            using var answer = await clients.CreateClient(service).SendAsync(question, ct);
            return answer.IsSuccessStatusCode;
        }
        catch (TemporarilyUnavailableException)
        {
            return false;
        }
    }

    private async Task<Reading<T>> ReadAsync<T>(string service, string path, CancellationToken ct, TimeSpan? patience = null) where T : class
    {
        try
        {
            using var question = new HttpRequestMessage(HttpMethod.Get, path);
            if (patience is { } most)
                question.Options.Set(ServiceClients.Patience, most);
            using var answer = await clients.CreateClient(service).SendAsync(question, HttpCompletionOption.ResponseHeadersRead, ct);
            if (answer.IsSuccessStatusCode)
                return new(await answer.Content.ReadFromJsonAsync<T>(Json, ct) ?? throw new JsonException("The answer is empty."), null);

            logger.LogInformation("{Service} answers {Status} to {Path}", service, (int)answer.StatusCode, path);
            return new(null, answer.StatusCode switch
            {
                HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized => Obstacle.NotAllowed,
                HttpStatusCode.NotFound => Obstacle.Unknown,
                HttpStatusCode.TooManyRequests => Obstacle.Away,
                < HttpStatusCode.InternalServerError => Obstacle.Refused,
                _ => Obstacle.Away,
            });
        }
        catch (Exception failure) when (failure is TemporarilyUnavailableException or HttpRequestException or IOException or JsonException)
        {
            logger.LogWarning(failure, "{Service} could not be read at {Path}", service, path);
            return new(null, Obstacle.Away);
        }
    }

    private static string Escape(string value) => Uri.EscapeDataString(value);

    private static string At(string name, DateTimeOffset? at) => at is { } moment ? $"&{name}={Escape(moment.ToUniversalTime().ToString("O"))}" : "";
}
