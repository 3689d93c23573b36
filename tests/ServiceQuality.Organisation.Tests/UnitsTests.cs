using System.Net;
using System.Text.Json;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Organisation;
using ServiceQuality.Messaging;
using ServiceQuality.Testing;

namespace ServiceQuality.Organisation.Tests;

/// <summary>The tree over HTTP (ORG-01 … 03, ORG-09).</summary>
public sealed class UnitsTests(RealServers servers) : OrganisationTests(servers)
{
    [Fact]
    public async Task The_demo_has_three_regions_of_eight_branches_with_four_contact_points_each()
    {
        using var director = App.As(Roles.HeadOffice, "hq/");

        var units = (await director.ShowAsync("/api/units")).GetProperty("items").EnumerateArray().ToList();

        Assert.Equal(1 + 3 + 24 + 96, units.Count);
        Assert.Equal(24, units.Count(unit => unit.Text("kind") == "county-branch"));
        Assert.Contains(units, unit => unit.Text("path") == "hq/north/n01/n01-hall1/" && unit.Text("contactPoint") == "county-main-hall" && unit.Text("timeZone") == "Asia/Shanghai");
        Assert.Contains(units, unit => unit.Text("code") == "n01" && unit.GetProperty("name").Text("zh") == "青砚" && unit.GetProperty("name").Text("en") == "Qingyan");
    }

    [Fact]
    public async Task Pages_together_are_the_whole_tree_in_order()
    {
        using var director = App.As(Roles.HeadOffice, "hq/");
        var (paths, after) = (new List<string>(), "");

        do
        {
            var page = await director.ShowAsync($"/api/units?limit=7{(after.Length == 0 ? "" : $"&after={Uri.EscapeDataString(after)}")}");
            paths.AddRange(page.GetProperty("items").EnumerateArray().Select(unit => unit.Text("path")));
            after = page.GetProperty("next").GetString() ?? "";
        }
        while (after.Length > 0);

        Assert.Equal(124, paths.Distinct().Count());
        Assert.Equal(paths.Order(StringComparer.Ordinal), paths);
    }

    [Fact]
    public async Task A_list_shows_the_own_subtrees_only()
    {
        using var both = App.As(new Caller(Guid.CreateVersion7(DateTimeOffset.UnixEpoch), "Both", false, [new Grant(Roles.Branch, "hq/north/n01/"), new Grant(Roles.Branch, "hq/south/s02/")]));

        var paths = (await both.ShowAsync("/api/units")).GetProperty("items").EnumerateArray().Select(unit => unit.Text("path")).ToList();

        Assert.Equal(10, paths.Count);
        Assert.All(paths, path => Assert.True(path.StartsWith("hq/north/n01/", StringComparison.Ordinal) || path.StartsWith("hq/south/s02/", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task Foreign_and_unknown_units_get_the_same_answer_except_from_the_root()
    {
        using var north = App.As(Roles.Region, "hq/north/");
        using var director = App.As(Roles.HeadOffice, "hq/");

        await (await north.SendAsync(HttpMethod.Get, "/api/units/s01")).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        await (await north.SendAsync(HttpMethod.Get, "/api/units/nowhere")).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        await (await director.SendAsync(HttpMethod.Get, "/api/units/nowhere")).RefusedAsync(HttpStatusCode.NotFound, "unknown-unit");
        Assert.Equal("hq/north/n03/", (await north.ShowAsync("/api/units/N03")).Text("path"));
    }

    [Fact]
    public async Task A_refusal_of_scope_is_on_the_audit_trail()
    {
        using var north = App.AsAdministrator("hq/north/");

        await (await north.PostAsync("/api/units/s01/close", new { })).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");

        var last = Lines(await App.AuditAsync())[^1];
        Assert.Equal(("access.refused", "unit s01", "hq/south/s01/"), (last.Text("action"), last.Text("subject"), last.Text("unit")));
        Assert.Equal("units.manage", last.GetProperty("after").Text("permission"));
    }

    [Fact]
    public async Task A_new_unit_is_told_to_all_and_recorded()
    {
        using var admin = App.AsAdministrator("hq/north/");

        var response = await admin.PostAsync("/api/units", Outlet("n01-hall9", "n01"));

        var unit = await response.ReadAsync(HttpStatusCode.Created);
        Assert.Equal("\"1\"", response.Headers.ETag?.Tag);
        Assert.Equal($"/api/units/{unit.Text("id")}", response.Headers.Location?.OriginalString);
        Assert.Equal("planned", unit.Text("state"));
        Assert.Equal("unit.added", Lines(await App.AuditAsync())[^1].Text("action"));
    }

    [Theory]
    [InlineData("n01-hall1", "n01", "outlet", "county-main-hall", "code-taken")]
    [InlineData("N01-HALL1", "n01", "outlet", "county-main-hall", "code-taken")]
    [InlineData("x1", "hq", "outlet", "county-main-hall", "kind-not-allowed-here")]
    [InlineData("x1", "n01", "kiosk", null, "unknown-kind")]
    [InlineData("x/1", "n01", "outlet", "county-main-hall", "code-malformed")]
    [InlineData("x1", "n01", "outlet", "tent", "contact-point-type-needed")]
    public async Task A_unit_that_does_not_fit_is_refused_with_a_code(string code, string parent, string kind, string? contactPoint, string refusal)
    {
        using var admin = App.AsAdministrator();

        var response = await admin.PostAsync("/api/units", new { code, parent, kind, contactPoint, name = new { zh = "厅", en = "Hall" } });

        await response.RefusedAsync(HttpStatusCode.Conflict, refusal);
    }

    [Fact]
    public async Task A_malformed_request_names_the_field()
    {
        using var admin = App.AsAdministrator();

        var response = await admin.PostAsync("/api/units", new { code = new string('x', 41), parent = "n01", kind = "outlet", name = new { zh = "厅", en = new string('y', 121) } });

        var problem = await response.ReadAsync(HttpStatusCode.BadRequest);
        Assert.Equal(["code", "name.en"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name.ToLowerInvariant()).Order());
    }

    [Fact]
    public async Task A_change_needs_the_version_that_was_read()
    {
        using var admin = App.AsAdministrator();
        var description = new { name = new { zh = "青砚分公司", en = "Qingyan branch" }, functions = new[] { "county-branch" }, customersServed = 200_000 };

        await (await admin.SendAsync(HttpMethod.Put, "/api/units/n01", description)).RefusedAsync((HttpStatusCode)428, "if-match-needed");
        await (await admin.SendAsync(HttpMethod.Put, "/api/units/n01", description, ifMatch: "\"7\"")).RefusedAsync(HttpStatusCode.PreconditionFailed, "changed-meanwhile");
        var response = await admin.SendAsync(HttpMethod.Put, "/api/units/n01", description, ifMatch: "\"1\"");

        Assert.Equal(200_000, (await response.ReadAsync()).GetProperty("customersServed").GetInt64());
        Assert.Equal("\"2\"", response.Headers.ETag?.Tag);
        var record = Lines(await App.AuditAsync())[^1];
        Assert.Equal((182_000, 200_000), (record.GetProperty("before").GetProperty("customersServed").GetInt32(), record.GetProperty("after").GetProperty("customersServed").GetInt32()));
    }

    [Fact]
    public async Task A_time_zone_reaches_every_unit_below_that_has_none_of_its_own()
    {
        using var admin = App.AsAdministrator();
        await (await admin.SendAsync(HttpMethod.Put, "/api/units/n02", new { name = new { zh = "临禾", en = "Linhe" }, timeZone = "Asia/Tokyo" }, ifMatch: "*")).ReadAsync();

        await (await admin.SendAsync(HttpMethod.Put, "/api/units/north", new { name = new { zh = "北区", en = "North" }, timeZone = "Asia/Urumqi" }, ifMatch: "*")).ReadAsync();

        Assert.Equal("Asia/Urumqi", (await admin.ShowAsync("/api/units/n01-hall1")).Text("timeZone"));
        Assert.Equal("Asia/Tokyo", (await admin.ShowAsync("/api/units/n02-hall1")).Text("timeZone"));
        Assert.Equal("Asia/Shanghai", (await admin.ShowAsync("/api/units/c01")).Text("timeZone"));

        await (await admin.SendAsync(HttpMethod.Put, "/api/units/n02", new { name = new { zh = "临禾", en = "Linhe" } }, ifMatch: "*")).ReadAsync();
        Assert.Equal("Asia/Urumqi", (await admin.ShowAsync("/api/units/n02-hall1")).Text("timeZone"));
    }

    [Fact]
    public async Task A_move_takes_the_whole_subtree_along()
    {
        using var admin = App.AsAdministrator();

        var moved = await (await admin.PostAsync("/api/units/n01/move", new { parent = "south" })).ReadAsync();

        Assert.Equal("hq/south/n01/", moved.Text("path"));
        Assert.Equal("hq/south/n01/n01-hall1/", (await admin.ShowAsync("/api/units/n01-hall1")).Text("path"));
        Assert.Equal(0, await App.QueryAsync(db => db.Units.CountAsync(unit => unit.Path.StartsWith("hq/north/n01/"), Token)));
    }

    [Fact]
    public async Task A_move_needs_rights_at_both_ends_and_makes_no_cycle()
    {
        using var north = App.AsAdministrator("hq/north/");
        using var admin = App.AsAdministrator();

        await (await north.PostAsync("/api/units/n01/move", new { parent = "south" })).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        await (await north.PostAsync("/api/units/s01/move", new { parent = "north" })).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        await (await admin.PostAsync("/api/units/north/move", new { parent = "north" })).RefusedAsync(HttpStatusCode.Conflict, "would-be-cycle");
        await (await admin.PostAsync("/api/units/n01/move", new { parent = "n02" })).RefusedAsync(HttpStatusCode.Conflict, "kind-not-allowed-here");
    }

    [Fact]
    public async Task A_branch_is_closed_after_all_below_it()
    {
        using var admin = App.AsAdministrator();
        await (await admin.PostAsync("/api/units/n01/close", new { })).RefusedAsync(HttpStatusCode.Conflict, "children-open");

        foreach (var contactPoint in new[] { "n01-hall1", "n01-hall2", "n01-hotline", "n01-field" })
            await (await admin.PostAsync($"/api/units/{contactPoint}/close", new { })).ReadAsync();

        Assert.Equal("closed", (await (await admin.PostAsync("/api/units/n01/close", new { })).ReadAsync()).Text("state"));
        await (await admin.PostAsync("/api/units", Outlet("n01-hall9", "n01"))).RefusedAsync(HttpStatusCode.Conflict, "parent-closed");
    }

    [Fact]
    public async Task A_unit_is_suspended_and_activated_again()
    {
        using var admin = App.AsAdministrator();

        Assert.Equal("suspended", (await (await admin.PostAsync("/api/units/n01/suspend", new { })).ReadAsync()).Text("state"));
        Assert.Equal("active", (await (await admin.PostAsync("/api/units/n01/activate", new { })).ReadAsync()).Text("state"));
    }

    [Fact]
    public async Task Five_thousand_units_come_in_one_import_in_any_order()
    {
        using var admin = App.AsAdministrator();
        var units = Enumerable.Range(0, 1000).SelectMany(number => new object[]
        {
            Outlet($"b{number}-1", $"b{number}"), Outlet($"b{number}-2", $"b{number}"), Outlet($"b{number}-3", $"b{number}"), Outlet($"b{number}-4", $"b{number}"),
            new { code = $"b{number}", parent = "south", kind = "county-branch", name = new { zh = "支", en = "Branch" } },
        }).ToList();

        var answer = await (await admin.PostAsync("/api/units/import", new { units })).ReadAsync();

        Assert.Equal(5000, answer.GetProperty("added").GetInt32());
        Assert.Equal("hq/south/b999/b999-4/", (await admin.ShowAsync("/api/units/b999-4")).Text("path"));
        Assert.Equal("units.imported", Lines(await App.AuditAsync())[^1].Text("action"));
    }

    [Fact]
    public async Task An_import_is_all_or_nothing_and_names_every_problem()
    {
        using var admin = App.AsAdministrator();
        var units = new object[] { Outlet("new1", "n01"), Outlet("n01-hall1", "n01"), Outlet("new2", "hq"), Outlet("new3", "new2"), Outlet("new1", "n02"), Outlet("loop1", "loop2"), Outlet("loop2", "loop1") };

        var problem = await (await admin.PostAsync("/api/units/import", new { units })).ReadAsync(HttpStatusCode.Conflict);

        Assert.Equal("urn:service-quality:import-refused", problem.Text("type"));
        Assert.Equal(
            [(1, "code-taken"), (2, "kind-not-allowed-here"), (3, "parent-not-added"), (4, "code-taken"), (5, "parent-not-added"), (6, "parent-not-added")],
            problem.GetProperty("items").EnumerateArray().Select(item => (item.GetProperty("index").GetInt32(), item.Text("code"))));
        await (await admin.SendAsync(HttpMethod.Get, "/api/units/new1")).RefusedAsync(HttpStatusCode.NotFound, "unknown-unit");
    }

    [Fact]
    public async Task An_import_stays_within_the_scope()
    {
        using var north = App.AsAdministrator("hq/north/");

        await (await north.PostAsync("/api/units/import", new { units = new[] { Outlet("new1", "n01"), Outlet("new2", "s01") } })).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
    }

    [Fact]
    public async Task A_hotline_is_open_at_night_and_a_hall_is_not()
    {
        using var branch = App.As(Roles.Branch, "hq/north/n01/");
        const string period = "?from=2026-03-02T00:00:00%2B08:00&to=2026-03-03T00:00:00%2B08:00";

        var hotline = await branch.ShowAsync($"/api/units/n01-hotline/opening{period}");
        var hall = await branch.ShowAsync($"/api/units/n01-hall1/opening{period}");

        Assert.Equal((true, 86_400), (hotline.GetProperty("isOpen").GetBoolean(), hotline.GetProperty("openSeconds").GetDouble()));
        Assert.Equal((false, 9.5 * 3600), (hall.GetProperty("isOpen").GetBoolean(), hall.GetProperty("openSeconds").GetDouble()));
        Assert.Equal("2026-03-02T08:30:00+08:00", hall.GetProperty("intervals")[0].Text("from"));
    }

    [Fact]
    public async Task A_holiday_set_for_the_head_office_closes_every_hall()
    {
        using var admin = App.AsAdministrator();
        await (await admin.SendAsync(HttpMethod.Put, "/api/units/hq", new
        {
            name = new { zh = "远汀服务集团", en = "Yuanting Service Group" },
            timeZone = "Asia/Shanghai",
            calendar = new { weekly = new { mon = new[] { "09:00-17:00" } }, exceptions = new[] { new { date = "2026-10-01", open = Array.Empty<string>(), name = new { zh = "国庆节", en = "National Day" } } } },
        }, ifMatch: "*")).ReadAsync();

        const string period = "/opening?from=2026-10-01T00:00:00%2B08:00&to=2026-10-02T00:00:00%2B08:00";
        Assert.Equal(0, (await admin.ShowAsync($"/api/units/n01-hall1{period}")).GetProperty("openSeconds").GetDouble());
        Assert.Equal(86_400, (await admin.ShowAsync($"/api/units/n01-hotline{period}")).GetProperty("openSeconds").GetDouble());
    }

    private static object Outlet(string code, string parent) => new { code, parent, kind = "outlet", contactPoint = "county-main-hall", name = new { zh = "厅", en = "Hall" } };

    internal static List<JsonElement> Lines(byte[] export) =>
        [.. System.Text.Encoding.UTF8.GetString(export).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))];
}

/// <summary>What other services are told, over a real broker (PLT-04).</summary>
public sealed class TellingTests(RealServers servers)
{
    private static readonly System.Collections.Concurrent.ConcurrentQueue<object> Heard = new();

    [Fact]
    public async Task Every_change_reaches_the_bus_once_committed()
    {
        await using var app = await OrganisationApp.StartAsync(servers, seed: false, database: null, builder => builder.AddConsumers("listener", bus => bus.AddConsumer<Listen>()), ("ConnectionStrings:rabbitmq", servers.RabbitMq));
        await Founding.DemoOrganisation.SeedAsync(app.Services, TestContext.Current.CancellationToken);
        using var admin = app.AsAdministrator();
        await Eventually.Async(() => { Assert.Equal(124, Units().Select(unit => unit.Code).Distinct().Count()); return Task.CompletedTask; });

        await (await admin.PostAsync("/api/units/n01/move", new { parent = "south" })).ReadAsync();
        await Eventually.Async(() =>
        {
            Assert.Equal(["hq/south/n01/", "hq/south/n01/n01-field/", "hq/south/n01/n01-hall1/", "hq/south/n01/n01-hall2/", "hq/south/n01/n01-hotline/"],
                Units().Where(unit => unit.Version == 2).Select(unit => unit.Path).Order(StringComparer.Ordinal));
            return Task.CompletedTask;
        });

        var issued = await (await admin.PostAsync("/api/keys", new { name = "Till", unit = "n01" })).ReadAsync(HttpStatusCode.Created);
        await (await admin.SendAsync(HttpMethod.Delete, $"/api/keys/{issued.GetProperty("details").Text("id")}")).ReadAsync(HttpStatusCode.NoContent);
        await Eventually.Async(() => { Assert.Equal(issued.GetProperty("details").GetProperty("id").GetGuid(), Assert.Single(Heard.OfType<ApiKeyRevoked>()).Key); return Task.CompletedTask; });

        Heard.Clear();
        await app.Services.GetRequiredService<IBus>().Publish(new OrgUnitsRequested("test"), TestContext.Current.CancellationToken);
        await Eventually.Async(() => { Assert.Equal(124, Units().Count()); return Task.CompletedTask; });
    }

    private static IEnumerable<OrgUnitChanged> Units() => Heard.OfType<OrgUnitChanged>();

    internal sealed class Listen : IConsumer<OrgUnitChanged>, IConsumer<ApiKeyRevoked>
    {
        public Task Consume(ConsumeContext<OrgUnitChanged> context)
        {
            Heard.Enqueue(context.Message);
            return Task.CompletedTask;
        }

        public Task Consume(ConsumeContext<ApiKeyRevoked> context)
        {
            Heard.Enqueue(context.Message);
            return Task.CompletedTask;
        }
    }
}
