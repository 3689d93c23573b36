using Microsoft.AspNetCore.Http.HttpResults;
using Npgsql;
using ServiceQuality.Access;

namespace ServiceQuality.Monitoring.Indicators;

/// <summary>The catalogue with what is known of each indicator's sources.</summary>
internal sealed record CatalogueView(string Template, int Version, DateOnly EffectiveFrom, IReadOnlyList<Family> Families, IReadOnlyList<IndicatorView> Items);

/// <summary>An indicator and its line of the collection plan (MON-47).</summary>
internal sealed record IndicatorView(Indicator Indicator, Collection Collection);

/// <summary>How collection of an indicator goes, in the units of my scope.</summary>
/// <param name="State">live; dead when a unit that used to report has missed two periods; never when none ever reported.</param>
/// <param name="Newest">Newest reading.</param>
/// <param name="Reporting">Units that reported within two periods.</param>
/// <param name="DeadUnits">Codes of units that used to report and have missed two periods; the 50 that are silent the longest.</param>
internal sealed record Collection(string State, DateTimeOffset? Newest, int Reporting, IReadOnlyList<string> DeadUnits);

internal static class IndicatorsApi
{
    private const int MissedPeriods = 2;
    private const int MostDeadUnits = 50;

    public static void MapIndicators(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/api/indicators", Get)
            .RequirePermission(Permissions.ReadSchemes)
            .WithName("indicators").WithTags("Indicators")
            .WithSummary("The catalogue of indicators and how their collection goes.");

    private static async Task<Ok<CatalogueView>> Get(HttpContext context, IndicatorCatalogue catalogue, [FromKeyedServices(MonitoringService.Name)] NpgsqlDataSource db, TimeProvider clock, CancellationToken ct)
    {
        var feeds = await FeedsAsync(db, [.. context.Caller().Scope(Permissions.ReadSchemes)], ct);
        var now = clock.GetUtcNow();
        return TypedResults.Ok(new CatalogueView(
            catalogue.Template, catalogue.Version, catalogue.EffectiveFrom, catalogue.Families,
            [.. catalogue.Indicators.Select(indicator => new IndicatorView(indicator, Of(feeds[indicator.Feed], now - MissedPeriods * indicator.Period)))]));
    }

    /// <summary>Pure: what the feeds of an indicator amount to.</summary>
    internal static Collection Of(IEnumerable<Feed> feeds, DateTimeOffset missed)
    {
        var all = feeds.OrderBy(feed => feed.Newest).ToList();
        var dead = all.TakeWhile(feed => feed.Newest < missed).ToList();
        var state = all.Count == 0 ? "never" : dead.Count > 0 ? "dead" : "live";
        return new Collection(state, all.Count == 0 ? null : all[^1].Newest, all.Count - dead.Count, [.. dead.Take(MostDeadUnits).Select(feed => feed.Unit)]);
    }

    private static async Task<ILookup<string, Feed>> FeedsAsync(NpgsqlDataSource db, string[] scope, CancellationToken ct)
    {
        var feeds = new List<(string Name, Feed Feed)>();
        await using var command = db.CreateCommand("""
            select feed.feed, unit.code, feed.newest from feed join unit on unit.id = feed.unit
            where unit.state = 'active' and exists (select from unnest($1) as mine (path) where starts_with(unit.path, mine.path))
            """);
        command.Parameters.Add(new() { Value = scope });
        await using var reader = await command.ExecuteReaderAsync(ct);
        while (await reader.ReadAsync(ct))
            feeds.Add((reader.GetString(0), new Feed(reader.GetString(1), await reader.GetFieldValueAsync<DateTimeOffset>(2, ct))));
        return feeds.ToLookup(feed => feed.Name, feed => feed.Feed);
    }

    internal sealed record Feed(string Unit, DateTimeOffset Newest);
}
