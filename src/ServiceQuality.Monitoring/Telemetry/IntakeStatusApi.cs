using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceQuality.Access;

namespace ServiceQuality.Monitoring.Telemetry;

/// <summary>How intake is doing.</summary>
/// <param name="Since">Start of what is counted.</param>
/// <param name="Accepted">Items accepted since then.</param>
/// <param name="Duplicate">Repetitions.</param>
/// <param name="Rejected">Refused items by code.</param>
/// <param name="LagP95Seconds">95 % of the accepted facts of the whole suite were at most this old when they arrived; null without facts.</param>
/// <param name="Units">Units of my scope that ever reported, by path.</param>
internal sealed record IntakeStatus(DateTimeOffset Since, long Accepted, long Duplicate, IReadOnlyDictionary<string, long> Rejected, double? LagP95Seconds, IReadOnlyList<UnitFreshness> Units);

/// <summary>When a unit last reported.</summary>
/// <param name="Id">The unit.</param>
/// <param name="Code">Its code.</param>
/// <param name="Path">Its path.</param>
/// <param name="Newest">Event time of its newest fact.</param>
/// <param name="Received">When a fact of it last arrived.</param>
internal sealed record UnitFreshness(Guid Id, string Code, string Path, DateTimeOffset Newest, DateTimeOffset Received);

internal static class IntakeStatusApi
{
    private const int MostUnits = 5_000;

    public static async Task<Ok<IntakeStatus>> Get(HttpContext context, [FromKeyedServices(MonitoringService.Name)] NpgsqlDataSource db, TimeProvider clock, CancellationToken ct)
    {
        var caller = context.Caller();
        var scope = caller.Scope(Permissions.ReadTelemetry).ToArray();
        var since = clock.GetUtcNow().AddHours(-1);
        var outcomes = await OutcomesAsync(db, since, scope, caller.MayEverywhere(Permissions.ReadTelemetry), ct);
        return TypedResults.Ok(new IntakeStatus(
            since, outcomes.GetValueOrDefault("accepted"), outcomes.GetValueOrDefault("duplicate"),
            outcomes.Where(outcome => outcome.Key is not ("accepted" or "duplicate")).ToDictionary(), await LagAsync(db, since, ct), await UnitsAsync(db, scope, ct)));
    }

    private static async Task<Dictionary<string, long>> OutcomesAsync(NpgsqlDataSource db, DateTimeOffset since, string[] scope, bool withUnknown, CancellationToken ct)
    {
        var outcomes = new Dictionary<string, long>();
        await using var command = db.CreateCommand("""
            select code, sum(items)::bigint from intake_minute
            where minute >= $1 and (unit in (select id from unit where exists (select from unnest($2) as mine (path) where starts_with(unit.path, mine.path)))
                or ($3 and unit = '00000000-0000-0000-0000-000000000000'))
            group by code order by code
            """);
        command.Parameters.Add(new() { Value = since });
        command.Parameters.Add(new() { Value = scope });
        command.Parameters.Add(new() { Value = withUnknown });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            outcomes[reader.GetString(0)] = reader.GetInt64(1);
        return outcomes;
    }

    private static async Task<double?> LagAsync(NpgsqlDataSource db, DateTimeOffset since, CancellationToken ct)
    {
        await using var command = db.CreateCommand("""
            select min(bucket) from (select bucket, sum(sum(facts)) over (order by bucket) as upto, sum(sum(facts)) over () as total from lag_minute where minute >= $1 group by bucket) as lags
            where upto >= 0.95 * total
            """);
        command.Parameters.Add(new() { Value = since });
        return await command.ExecuteScalarAsync(ct) is int bucket ? LagBuckets.Limit(bucket) : null;
    }

    private static async Task<List<UnitFreshness>> UnitsAsync(NpgsqlDataSource db, string[] scope, CancellationToken ct)
    {
        var units = new List<UnitFreshness>();
        await using var command = db.CreateCommand("""
            select unit.id, unit.code, unit.path, max(feed.newest), max(feed.received) from unit join feed on feed.unit = unit.id
            where exists (select from unnest($1) as mine (path) where starts_with(unit.path, mine.path))
            group by unit.id order by unit.path limit $2
            """);
        command.Parameters.Add(new() { Value = scope });
        command.Parameters.Add(new() { Value = MostUnits });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            units.Add(new UnitFreshness(reader.GetGuid(0), reader.GetString(1), reader.GetString(2), await reader.GetFieldValueAsync<DateTimeOffset>(3, ct), await reader.GetFieldValueAsync<DateTimeOffset>(4, ct)));
        return units;
    }
}
