namespace ServiceQuality.Gateway.Routes;

/// <summary>Who may come through a route. What the caller may do there is decided in the service.</summary>
internal enum Entry
{
    SignedIn,
    Anyone,
}

/// <summary>How long and how large a request may be.</summary>
internal enum Pace
{
    /// <summary>30 s, 1 MiB.</summary>
    Ordinary,

    /// <summary>30 s, 4 MiB: batches of facts (MON-05).</summary>
    Batch,

    /// <summary>No end: event streams and exports.</summary>
    Stream,
}

/// <summary>A path and the service that owns it. <paramref name="Path"/> covers everything below it too.</summary>
internal sealed record Route(string Path, string Service, Entry Entry = Entry.SignedIn, Pace Pace = Pace.Ordinary);

/// <summary>
/// Who owns which path. The longest match wins; what is not listed below <c>/api</c>, <c>/v1</c>, <c>/openapi</c> or <c>/internal</c> does not exist,
/// everything else is a page of the console.
/// </summary>
internal static class RouteTable
{
    public static IReadOnlyList<string> Services { get; } = ["organisation", "monitoring", "scores", "console"];

    /// <summary>Services that describe their interface.</summary>
    public static IReadOnlyList<string> Described { get; } = ["organisation", "monitoring", "scores"];

    public static IReadOnlyList<Route> All { get; } =
    [
        new("/api/units", "organisation"),
        new("/api/templates", "organisation"),
        new("/api/accounts", "organisation"),
        new("/api/keys", "organisation"),
        new("/api/me", "organisation"),
        new("/api/audit/organisation", "organisation", Pace: Pace.Stream),

        new("/api/telemetry", "monitoring", Pace: Pace.Batch),
        new("/v1/metrics", "monitoring", Pace: Pace.Batch),
        new("/api/indicators", "monitoring"),
        // Error queues are read at the broker by one service, an outbox only by its own.
        new("/api/messages", "monitoring"),
        .. Described.Where(service => service != "monitoring").Select(service => new Route($"/api/messages/failed/{service}_outbox", service)),
        new("/api/audit/monitoring", "monitoring", Pace: Pace.Stream),

        new("/api/scores", "scores"),
        new("/api/scores/stream", "scores", Pace: Pace.Stream),
        new("/api/overview", "scores"),
        new("/api/schemes", "scores"),
        new("/api/what-if", "scores"),
        new("/api/ranking", "scores"),
        new("/api/funnel", "scores"),
        new("/api/signals", "scores"),
        new("/api/alerts", "scores"),
        new("/api/journal", "scores", Pace: Pace.Stream),
        new("/api/deductions", "scores"),
        new("/api/weights", "scores"),
        new("/api/panels", "scores"),
        new("/api/sub-dimensions", "scores"),
        new("/api/results", "scores", Pace: Pace.Stream),
        new("/api/audit/scores", "scores", Pace: Pace.Stream),

        .. Described.Select(service => new Route($"/openapi/{service}.json", service, Entry.Anyone)),

        new("/sign-in", "console", Entry.Anyone),
        new("/assets", "console", Entry.Anyone),
        new("/lib", "console", Entry.Anyone),
        new("/favicon.ico", "console", Entry.Anyone),
        new("/", "console"),
    ];

    /// <summary>Prefixes under which only listed paths exist.</summary>
    public static IReadOnlyList<string> Closed { get; } = ["/api", "/v1", "/openapi", "/internal", "/livez", "/readyz", "/startupz", "/metrics"];
}
