using System.Net.Http.Json;
using System.Text.Json;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Monitoring.Indicators;
using ServiceQuality.Testing;

namespace ServiceQuality.Monitoring.Tests;

public sealed class IndicatorTests(RealServers servers)
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 20, 12, 0, 0, TimeSpan.Zero);

    private static readonly IndicatorCatalogue Catalogue = IndicatorCatalogue.Delivered("telecom");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public void The_four_families_have_three_sub_groups_each_and_every_group_has_an_indicator() // MON-02
    {
        foreach (var family in new[] { "quality", "efficiency", "attitude", "innovation" })
            Assert.Equal(3, Catalogue.Families.Single(found => found.Code == family).SubGroups.Count);
        Assert.All(Catalogue.Families, family => Assert.All(family.SubGroups, group =>
            Assert.Contains(Catalogue.Indicators, indicator => indicator.Family == family.Code && indicator.SubGroup == group.Code)));
    }

    [Fact]
    public void Every_indicator_has_a_name_in_both_languages_two_limits_an_owner_and_a_tag() // MON-01, MON-52
    {
        Assert.Empty(Catalogue.Faults());
        Assert.True(Catalogue.Indicators.Count >= 40);
        Assert.All(Catalogue.Indicators, indicator => Assert.All(new[] { indicator.Name.Zh, indicator.Name.En, indicator.Formula, indicator.Unit, indicator.Owner, indicator.Feed }, text => Assert.NotEmpty(text)));
        Assert.Equal(3, Catalogue.Indicators.Select(indicator => indicator.Tag).Distinct().Count());
    }

    [Fact]
    public void Every_contact_point_has_the_core_set() // MON-03
    {
        var points = Catalogue.Indicators.SelectMany(indicator => indicator.ContactPoints).Distinct().ToList();

        Assert.Equal(8, points.Count);
        foreach (var core in new[] { "rating-mean", "resolution-rate", "flow-simplicity", "satisfaction-rate" })
            Assert.Equal(8, Catalogue.Indicators.Single(indicator => indicator.Code == core && indicator.Core).ContactPoints.Count);
        Assert.All(points, point => Assert.Contains(Catalogue.Indicators, indicator => indicator.SubGroup == "response-speed" && indicator.ContactPoints.Contains(point)));
    }

    [Theory]
    [InlineData("quality", "unheard-of", 1, "unknown group")]
    [InlineData("quality", "process", 0.001, "order target, warning, critical")]
    public void A_catalogue_that_contradicts_itself_says_where(string family, string subGroup, double critical, string fault)
    {
        var wrong = Catalogue.Indicators.Single(indicator => indicator.Code == "error-rate") with { Family = family, SubGroup = subGroup, Critical = critical };

        Assert.Contains(fault, Assert.Single((Catalogue with { Indicators = [wrong] }).Faults()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(new int[0], "never", 0)]
    [InlineData(new[] { 1, 47 }, "live", 2)]
    [InlineData(new[] { 1, 49 }, "dead", 1)]
    public void A_source_is_dead_after_two_missed_periods(int[] hoursAgo, string state, int reporting) // MON-47
    {
        var collection = IndicatorsApi.Of(hoursAgo.Select((hours, unit) => new IndicatorsApi.Feed($"u{unit}", Noon.AddHours(-hours))), Noon - 2 * TimeSpan.FromDays(1));

        Assert.Equal((state, reporting), (collection.State, collection.Reporting));
        Assert.Equal(hoursAgo.Length - reporting, collection.DeadUnits.Count);
    }

    [Fact]
    public async Task The_catalogue_shows_how_collection_goes_in_my_units()
    {
        await using var app = await MonitoringApp.StartAsync(await servers.CreateDatabaseAsync("monitoring"), broker: null);
        using var key = app.Key();
        await key.TakeAsync(
            Events.Of(type: FactTypes.Measurement, data: """{"measure":"activation-success","value":1}""", time: Events.Now(TimeSpan.FromDays(-3))),
            Events.Of(type: FactTypes.SurveyResponse, data: """{"survey":"s","kind":"ces","answers":{"q":6}}"""));
        using var region = app.As(Roles.Region, "hq/north/");
        using var south = app.As(Roles.Region, "hq/south/");

        await Eventually.Async(async () => Assert.Equal(("dead", "n01-hall1"), await StateAsync(region, "activation-success")));
        Assert.Equal(("live", null), await StateAsync(region, "flow-simplicity"));
        Assert.Equal(("never", null), await StateAsync(region, "net-promoter-score"));
        Assert.Equal(("never", null), await StateAsync(south, "activation-success"));
    }

    private static async Task<(string?, string?)> StateAsync(HttpClient client, string code)
    {
        var catalogue = await client.GetFromJsonAsync<JsonElement>("/api/indicators", Token);
        var item = catalogue.GetProperty("items").EnumerateArray().Single(item => item.GetProperty("indicator").GetProperty("code").GetString() == code).GetProperty("collection");
        return (item.GetProperty("state").GetString(), item.GetProperty("deadUnits").EnumerateArray().Select(unit => unit.GetString()).SingleOrDefault());
    }
}
