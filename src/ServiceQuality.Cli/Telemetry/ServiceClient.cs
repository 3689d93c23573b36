using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;

namespace ServiceQuality.Cli.Telemetry;

/// <summary>Why a call to the suite did not bring an answer that can be used.</summary>
public enum CallFailure
{
    /// <summary>No answer, or only "try later", for longer than <see cref="Patience.GiveUpAfter"/>.</summary>
    Unreachable,

    /// <summary>401 or 403: not signed in, a key that is not valid, or no right.</summary>
    NotAllowed,

    /// <summary>Any other refusal: the request itself is at fault.</summary>
    Refused,
}

/// <summary>A call to the suite failed for good.</summary>
public sealed class ServiceCallException : Exception
{
    /// <summary>A failure without a story.</summary>
    public ServiceCallException() => Failure = CallFailure.Unreachable;

    /// <summary>A failure with a message.</summary>
    public ServiceCallException(string message) : base(message) => Failure = CallFailure.Unreachable;

    /// <summary>A failure with a message and a cause.</summary>
    public ServiceCallException(string message, Exception innerException) : base(message, innerException) => Failure = CallFailure.Unreachable;

    /// <summary>A failure of a kind.</summary>
    public ServiceCallException(CallFailure failure, string message, HttpStatusCode? status = null, string? code = null, Exception? cause = null)
        : base(message, cause) => (Failure, Status, Code) = (failure, status, code);

    /// <summary>The kind of failure.</summary>
    public CallFailure Failure { get; }

    /// <summary>Status of the last answer, when there was one.</summary>
    public HttpStatusCode? Status { get; }

    /// <summary>Code of the problem: what follows <c>urn:service-quality:</c> in its <c>type</c>.</summary>
    public string? Code { get; }
}

/// <summary>How long a caller goes on trying when the suite is away or asks it to slow down.</summary>
/// <param name="GiveUpAfter">Time from the first try after which the call fails.</param>
/// <param name="LongestWait">Cap on one wait, whatever <c>Retry-After</c> says.</param>
public sealed record Patience(TimeSpan GiveUpAfter, TimeSpan LongestWait)
{
    /// <summary>Five minutes in all, a minute at a time.</summary>
    public static Patience Default { get; } = new(TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1));

    /// <summary>The first failure is final.</summary>
    public static Patience None { get; } = new(TimeSpan.Zero, TimeSpan.Zero);

    /// <summary>The wait before try <paramref name="attempt"/> + 1: what the server asked for, else doubling from 250 ms.</summary>
    internal TimeSpan Wait(int attempt, RetryConditionHeaderValue? asked, DateTimeOffset now)
    {
        var wait = asked switch
        {
            { Delta: { } delta } => delta,
            { Date: { } date } => date - now,
            _ => TimeSpan.FromMilliseconds(250 * Math.Pow(2, Math.Min(attempt, 10))),
        };
        return wait < TimeSpan.Zero ? TimeSpan.Zero : wait > LongestWait ? LongestWait : wait;
    }
}

/// <summary>
/// HTTP calls to the suite: tells apart what may be tried again (429, 502, 503, 504, no connection) from what may not,
/// honours <c>Retry-After</c>, and turns problem documents (RFC 9457) into <see cref="ServiceCallException"/>.
/// </summary>
public sealed class ServiceClient(HttpClient http, TimeProvider clock, Patience? patience = null)
{
    private readonly Patience patience = patience ?? Patience.Default;

    /// <summary>How often a call had to be tried again.</summary>
    public long Retries => Interlocked.Read(ref retries);

    private long retries;

    /// <summary>Sends the request that <paramref name="request"/> builds, again and again while that makes sense.</summary>
    /// <param name="request">Builds the request; called once for every try.</param>
    /// <param name="repeatable">False for a call that must not happen twice: only answers that promise that nothing was done are then retried (429, 503).</param>
    /// <param name="ct">Ends the waiting.</param>
    /// <returns>A successful answer.</returns>
    public async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, bool repeatable, CancellationToken ct)
    {
        var started = clock.GetTimestamp();
        for (var attempt = 0; ; attempt++)
        {
            HttpResponseMessage? answer = null;
            Exception? failure = null;
            try
            {
                using var message = request();
                answer = await http.SendAsync(message, HttpCompletionOption.ResponseHeadersRead, ct);
                if (answer.IsSuccessStatusCode)
                    return answer;
            }
            catch (HttpRequestException exception)
            {
                failure = exception;
            }
            catch (OperationCanceledException exception) when (!ct.IsCancellationRequested)
            {
                failure = exception;
            }

            using (answer)
            {
                var wait = patience.Wait(attempt, answer?.Headers.RetryAfter, clock.GetUtcNow());
                var final = answer is null ? !repeatable : !MayBeRepeated(answer.StatusCode, repeatable);
                if (final || clock.GetElapsedTime(started) + wait > patience.GiveUpAfter)
                    throw answer is null ? Unreachable(failure!) : await RefusalAsync(answer, ct);
                Interlocked.Increment(ref retries);
                await Task.Delay(wait, clock, ct);
            }
        }
    }

    /// <summary>Reads a resource as JSON.</summary>
    public async Task<JsonElement> GetAsync(string path, CancellationToken ct)
    {
        using var answer = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, path), repeatable: true, ct);
        return await JsonAsync(answer, ct);
    }

    /// <summary>Sends JSON and reads the JSON that comes back, if any.</summary>
    public async Task<JsonElement?> SendJsonAsync(HttpMethod method, string path, object? body, CancellationToken ct)
    {
        var json = body is null ? null : JsonSerializer.Serialize(body, JsonSerializerOptions.Web);
        using var answer = await SendAsync(
            () => new HttpRequestMessage(method, path) { Content = json is null ? null : new StringContent(json, Encoding.UTF8, "application/json") },
            repeatable: false, ct);
        return answer.StatusCode == HttpStatusCode.NoContent || answer.Content.Headers.ContentLength == 0 ? null : await JsonAsync(answer, ct);
    }

    private static async Task<JsonElement> JsonAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        try
        {
            await using var stream = await answer.Content.ReadAsStreamAsync(ct);
            using var document = await JsonDocument.ParseAsync(stream, cancellationToken: ct);
            return document.RootElement.Clone();
        }
        catch (JsonException exception)
        {
            throw new ServiceCallException(CallFailure.Refused, "The answer is not JSON: is this the address of a ServiceQuality gateway?", answer.StatusCode, "not-json", exception);
        }
    }

    private static bool MayBeRepeated(HttpStatusCode status, bool repeatable) => status switch
    {
        HttpStatusCode.TooManyRequests or HttpStatusCode.ServiceUnavailable => true,
        HttpStatusCode.BadGateway or HttpStatusCode.GatewayTimeout or HttpStatusCode.RequestTimeout => repeatable,
        _ => false,
    };

    private ServiceCallException Unreachable(Exception cause) =>
        new(CallFailure.Unreachable, $"{http.BaseAddress} cannot be reached: {cause.Message}", cause: cause);

    private static async Task<ServiceCallException> RefusalAsync(HttpResponseMessage answer, CancellationToken ct)
    {
        var (code, detail) = Problem(await answer.Content.ReadAsStringAsync(ct));
        var failure = answer.StatusCode switch
        {
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => CallFailure.NotAllowed,
            HttpStatusCode.TooManyRequests => CallFailure.Unreachable,
            >= HttpStatusCode.InternalServerError => CallFailure.Unreachable,
            _ => CallFailure.Refused,
        };
        return new ServiceCallException(failure, $"{(int)answer.StatusCode} {code ?? answer.ReasonPhrase}{(detail is null ? "" : ": " + detail)}", answer.StatusCode, code);
    }

    private static (string? Code, string? Detail) Problem(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            if (document.RootElement.ValueKind != JsonValueKind.Object)
                return (null, null);
            var type = Text(document.RootElement, "type");
            return (type?[(type.LastIndexOf(':') + 1)..], Text(document.RootElement, "detail") ?? Text(document.RootElement, "title"));
        }
        catch (JsonException)
        {
            return (null, null);
        }

        static string? Text(JsonElement problem, string name) =>
            problem.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}
