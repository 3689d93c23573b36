using System.Diagnostics.Metrics;
using Npgsql;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Monitoring.Telemetry;

/// <summary>What became of the items of one POST.</summary>
internal sealed class IntakeTally(DateTimeOffset received)
{
    public DateTimeOffset Received { get; } = received;

    public Dictionary<(Guid Unit, string Code), long> Items { get; } = [];

    public Dictionary<(Guid Unit, string Feed), DateTimeOffset> Newest { get; } = [];

    public Dictionary<int, long> Lags { get; } = [];

    public void Refuse(Guid unit, string code) => Count(Items, (unit, code), 1);

    public void Accept(AcceptedFact fact, string feed)
    {
        Count(Items, (fact.Unit, "accepted"), 1);
        Count(Lags, LagBuckets.Of(Received - fact.Time), 1);
        if (!Newest.TryGetValue((fact.Unit, feed), out var newest) || newest < fact.Time)
            Newest[(fact.Unit, feed)] = fact.Time;
    }

    public static void Count<TKey>(Dictionary<TKey, long> counts, TKey key, long items) where TKey : notnull => counts[key] = counts.GetValueOrDefault(key) + items;
}

/// <summary>Buckets of lags, each a quarter wider than the one before: 25 % relative error from 10 ms to 400 days.</summary>
internal static class LagBuckets
{
    private const double Base = 0.01;
    private const double Width = 1.25;

    public static int Of(TimeSpan lag) => lag.TotalSeconds <= Base ? 0 : 1 + (int)Math.Log(lag.TotalSeconds / Base, Width);

    /// <summary>Upper limit of a bucket, seconds.</summary>
    public static double Limit(int bucket) => Base * Math.Pow(Width, bucket);
}

/// <summary>
/// Counts what intake does: as metrics, and in the database for <c>GET /api/telemetry/status</c>, where all instances add up.
/// Written once a second; what a crash loses are counts of that second, never facts.
/// </summary>
internal sealed class IntakeStatistics([FromKeyedServices(MonitoringService.Name)] NpgsqlDataSource db, TimeProvider clock, ILogger<IntakeStatistics> logger) : BackgroundService
{
    private static readonly Meter Meter = new("ServiceQuality.Monitoring");
    private static readonly Counter<long> Facts = Meter.CreateCounter<long>("servicequality.telemetry.items", "{item}", "Items of telemetry by outcome.");
    private static readonly Histogram<double> Lag = Meter.CreateHistogram(
        "servicequality.telemetry.lag", "s", "Age of a fact when it was accepted; one sample a POST, of its newest fact.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 0.5, 1, 5, 15, 60, 300, 900, 3600, 14_400, 86_400] });

    private readonly Lock _gate = new();
    private Gathered _gathered = new();

    public void Add(IntakeTally tally)
    {
        var minute = new DateTimeOffset(tally.Received.UtcTicks - tally.Received.UtcTicks % TimeSpan.TicksPerMinute, TimeSpan.Zero);
        lock (_gate)
        {
            foreach (var ((unit, code), items) in tally.Items)
                IntakeTally.Count(_gathered.Items, (minute, unit, code), items);
            foreach (var (bucket, facts) in tally.Lags)
                IntakeTally.Count(_gathered.Lags, (minute, bucket), facts);
            foreach (var (feed, newest) in tally.Newest)
                _gathered.See(feed, newest, tally.Received);
        }
        foreach (var outcome in tally.Items.GroupBy(item => item.Key.Code, item => item.Value))
            Facts.Add(outcome.Sum(), new KeyValuePair<string, object?>("outcome", outcome.Key));
        if (tally.Newest.Count > 0)
            Lag.Record(Math.Max(0, (tally.Received - tally.Newest.Values.Max()).TotalSeconds));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1), clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
                await WriteAsync(stoppingToken);
        }
        catch (OperationCanceledException)
        {
            await WriteAsync(CancellationToken.None);
        }
    }

    private async Task WriteAsync(CancellationToken ct)
    {
        Gathered gathered;
        lock (_gate)
        {
            if (_gathered.Items.Count == 0)
                return;
            (gathered, _gathered) = (_gathered, new Gathered());
        }

        try
        {
            await WriteAsync(gathered, ct);
        }
        catch (Exception failure) when (failure is NpgsqlException or TimeoutException or OperationCanceledException)
        {
            logger.LogWarning("Counts of intake wait for the database: {Reason}", failure.Message);
            lock (_gate)
                _gathered.Merge(gathered);
        }
    }

    /// <summary>Rows go in the order of their keys, so that two instances never wait for each other in a circle.</summary>
    private async Task WriteAsync(Gathered gathered, CancellationToken ct)
    {
        var items = gathered.Items.OrderBy(item => item.Key.Minute).ThenBy(item => item.Key.Unit).ThenBy(item => item.Key.Code, StringComparer.Ordinal).ToList();
        var lags = gathered.Lags.OrderBy(lag => lag.Key.Minute).ThenBy(lag => lag.Key.Bucket).ToList();
        var feeds = gathered.Feeds.OrderBy(feed => feed.Key.Unit).ThenBy(feed => feed.Key.Feed, StringComparer.Ordinal).ToList();
        await using var connection = await db.OpenConnectionAsync(ct);
        await using var transaction = await connection.BeginTransactionAsync(ct);
        await using (var batch = new NpgsqlBatch(connection, transaction))
        {
            batch.BatchCommands.Add(new("set local synchronous_commit = off"));
            batch.BatchCommands.Add(Command("""
                insert into intake_minute as had (minute, unit, code, items) select * from unnest($1, $2, $3, $4)
                on conflict (minute, unit, code) do update set items = had.items + excluded.items
                """, items.Select(item => item.Key.Minute).ToArray(), items.Select(item => item.Key.Unit).ToArray(), items.Select(item => item.Key.Code).ToArray(), items.Select(item => item.Value).ToArray()));
            batch.BatchCommands.Add(Command("""
                insert into lag_minute as had (minute, bucket, facts) select * from unnest($1, $2, $3)
                on conflict (minute, bucket) do update set facts = had.facts + excluded.facts
                """, lags.Select(lag => lag.Key.Minute).ToArray(), lags.Select(lag => lag.Key.Bucket).ToArray(), lags.Select(lag => lag.Value).ToArray()));
            batch.BatchCommands.Add(Command("""
                insert into feed as had (unit, feed, newest, received) select * from unnest($1, $2, $3, $4)
                on conflict (unit, feed) do update set newest = greatest(had.newest, excluded.newest), received = greatest(had.received, excluded.received)
                """, feeds.Select(feed => feed.Key.Unit).ToArray(), feeds.Select(feed => feed.Key.Feed).ToArray(), feeds.Select(feed => feed.Value.Newest).ToArray(), feeds.Select(feed => feed.Value.Received).ToArray()));
            batch.BatchCommands.Add(Command("delete from intake_minute where minute < $1", clock.GetUtcNow().AddHours(-2)));
            batch.BatchCommands.Add(Command("delete from lag_minute where minute < $1", clock.GetUtcNow().AddHours(-2)));
            await batch.ExecuteNonQueryAsync(ct);
        }
        await transaction.CommitAsync(ct);
    }

    private static NpgsqlBatchCommand Command(string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new() { Value = value });
        return command;
    }

    private sealed class Gathered
    {
        public Dictionary<(DateTimeOffset Minute, Guid Unit, string Code), long> Items { get; } = [];

        public Dictionary<(DateTimeOffset Minute, int Bucket), long> Lags { get; } = [];

        public Dictionary<(Guid Unit, string Feed), (DateTimeOffset Newest, DateTimeOffset Received)> Feeds { get; } = [];

        public void See((Guid, string) feed, DateTimeOffset newest, DateTimeOffset received) =>
            Feeds[feed] = Feeds.TryGetValue(feed, out var had) ? (had.Newest > newest ? had.Newest : newest, had.Received > received ? had.Received : received) : (newest, received);

        public void Merge(Gathered other)
        {
            foreach (var (key, items) in other.Items)
                IntakeTally.Count(Items, key, items);
            foreach (var (key, facts) in other.Lags)
                IntakeTally.Count(Lags, key, facts);
            foreach (var (feed, (newest, received)) in other.Feeds)
                See(feed, newest, received);
        }
    }
}
