using System.CommandLine;
using System.Net.Http.Headers;
using System.Text.Json;
using ServiceQuality.Cli.Import;
using ServiceQuality.Cli.Telemetry;

namespace ServiceQuality.Cli.Access;

/// <summary>Where the suite is and who is asking: options of every command that talks to it, with the environment and the sign-in behind them.</summary>
internal sealed class Connection(Surroundings surroundings)
{
    private static readonly TimeSpan BeforeExpiry = TimeSpan.FromSeconds(30);

    public Option<string?> Url { get; } = new("--url") { Description = "Address of the gateway [SQ_URL, else that of the sign-in]", HelpName = "ADDRESS" };

    public Option<string?> Token { get; } = new("--token") { Description = "Access token of a person [SQ_TOKEN, else that of 'sq sign-in']", HelpName = "TOKEN" };

    public Option<string?> Key { get; } = new("--key") { Description = "API key of a branch system [SQ_KEY]; others on this machine may see arguments, so prefer the variable or --key-file", HelpName = "KEY" };

    public Option<string?> KeyFile { get; } = new("--key-file") { Description = "File that holds the API key; - reads standard input", HelpName = "FILE" };

    public Option<string> GiveUp { get; } = new("--patience") { Description = "How long to go on trying while the suite is away or asks for fewer requests", DefaultValueFactory = _ => "5m", HelpName = "TIME" };

    /// <summary>How long to go on trying.</summary>
    public Patience Patience(ParseResult parsed) =>
        CellParsers.Duration(parsed.GetValue(GiveUp)!) is >= 0 and < 100_000_000 and var seconds
            ? Telemetry.Patience.Default with { GiveUpAfter = TimeSpan.FromSeconds((double)seconds) }
            : throw new UsageException("--patience must be a time; write for example 30s or 5m");

    /// <summary>The address of the gateway.</summary>
    public Uri Address(ParseResult parsed)
    {
        var text = parsed.GetValue(Url) ?? surroundings.Environment("SQ_URL") ?? Session.Load(surroundings)?.Url
            ?? throw new UsageException("say where the suite is: --url ADDRESS or SQ_URL");
        return Uri.TryCreate(text.TrimEnd('/') + "/", UriKind.Absolute, out var address) && address.Scheme is "http" or "https"
            ? address
            : throw new UsageException($"'{text}' is not an address; write for example https://quality.example.org");
    }

    /// <summary>An HTTP client for the gateway without anybody's name.</summary>
    public HttpClient Anonymous(Uri address)
    {
        var http = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false, PooledConnectionLifetime = TimeSpan.FromMinutes(5) })
        {
            BaseAddress = address,
            Timeout = TimeSpan.FromSeconds(100),
        };
        http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("sq", typeof(Connection).Assembly.GetName().Version?.ToString(3)));
        http.DefaultRequestHeaders.AcceptLanguage.ParseAdd(surroundings.Chinese ? "zh-CN" : "en");
        return http;
    }

    /// <summary>A client that speaks for the person who is signed in; people do not wait for minutes.</summary>
    public async Task<ServiceClient> AsPersonAsync(ParseResult parsed, CancellationToken ct)
    {
        var address = Address(parsed);
        var http = Anonymous(address);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", parsed.GetValue(Token) ?? surroundings.Environment("SQ_TOKEN") ?? await SessionTokenAsync(address, ct));
        return new ServiceClient(http, surroundings.Clock, new Patience(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(10)));
    }

    /// <summary>The API key, from wherever it was put.</summary>
    public async Task<string> KeyAsync(ParseResult parsed, CancellationToken ct)
    {
        var key = parsed.GetValue(Key)
            ?? (parsed.GetValue(KeyFile) is { } file ? await SecretAsync(file, ct) : surroundings.Environment("SQ_KEY"))
            ?? throw new UsageException("an API key is needed: --key-file FILE, --key KEY or SQ_KEY");
        return key.Length > 0 && key.All(letter => letter is > ' ' and < '\x7f') ? key : throw new UsageException("the API key is empty or holds characters that no key has");
    }

    /// <summary>A secret from a file, or from standard input for <c>-</c>; the line end does not belong to it.</summary>
    public async Task<string> SecretAsync(string file, CancellationToken ct) =>
        (file == "-" ? await surroundings.Input.ReadLineAsync(ct) : await File.ReadAllTextAsync(file, ct))?.Trim('\r', '\n', ' ') is { Length: > 0 } secret
            ? secret
            : throw new UsageException(file == "-" ? "standard input holds no secret" : $"{file} holds no secret");

    private async Task<string> SessionTokenAsync(Uri address, CancellationToken ct)
    {
        var session = Session.Load(surroundings);
        if (session is null || new Uri(session.Url.TrimEnd('/') + "/") != address)
            throw new ServiceCallException(CallFailure.NotAllowed, $"not signed in at {address}: run 'sq sign-in --url {address} --user NAME'");
        if (session.Expires - BeforeExpiry > surroundings.Clock.GetUtcNow())
            return session.AccessToken;

        using var http = Anonymous(address);
        var tokens = await new ServiceClient(http, surroundings.Clock, Telemetry.Patience.None).SendJsonAsync(HttpMethod.Post, "api/refresh", new { refreshToken = session.RefreshToken }, ct);
        var renewed = Of(session.Url, session.User, tokens!.Value);
        renewed.Save(surroundings);
        return renewed.AccessToken;
    }

    /// <summary>The sign-in that an answer of the gateway describes.</summary>
    public Session Of(string url, string user, JsonElement tokens) => new(
        url, user, tokens.GetProperty("accessToken").GetString()!,
        surroundings.Clock.GetUtcNow().AddSeconds(tokens.GetProperty("expiresIn").GetDouble()), tokens.GetProperty("refreshToken").GetString()!);
}
