using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Authorization;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Audit;
using ServiceQuality.Organisation.Founding;
using ServiceQuality.Testing;

namespace ServiceQuality.Organisation.Tests;

/// <summary>What holds for the installation as a whole: schema, audit trail, rights, first run.</summary>
public sealed partial class InstallationTests(RealServers servers) : OrganisationTests(servers)
{
    private readonly RealServers _servers = servers;

    [Fact]
    public async Task The_migrated_database_has_the_tables_and_columns_of_the_model()
    {
        var script = await App.QueryAsync(db => Task.FromResult(db.Database.GenerateCreateScript()));
        var model = TableForm().Matches(script).SelectMany(table => ColumnForm().Matches(table.Groups["columns"].Value)
            .Select(column => $"{table.Groups["name"].Value}.{column.Groups["name"].Value} {column.Groups["type"].Value} {(column.Value.Contains("NOT NULL", StringComparison.Ordinal) ? "not null" : "null")}"));

        Assert.Equal(model.Order(StringComparer.Ordinal), (await ColumnsAsync()).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_audit_trail_verifies_and_breaks_when_it_is_tampered_with()
    {
        using var admin = App.AsAdministrator();
        var founding = UnitsTests.Lines(await App.AuditAsync()).Count;
        await (await admin.PostAsync("/api/units/n01/suspend", new { })).ReadAsync();
        var export = await App.AuditAsync();

        var sound = await AuditChain.VerifyAsync(new MemoryStream(export), ct: Token);
        var tampered = await AuditChain.VerifyAsync(new MemoryStream(Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(export).Replace("\"suspended\"", "\"active\"", StringComparison.Ordinal))), ct: Token);

        Assert.True(sound.Holds, sound.Break?.Detail);
        Assert.Equal(founding + 1, sound.Records);
        Assert.Equal((founding + 1, "changed"), (tampered.Break!.Seq, tampered.Break.Reason));
    }

    [Fact]
    public async Task A_refused_change_leaves_no_trace()
    {
        using var admin = App.AsAdministrator();
        var before = await App.AuditAsync();

        await (await admin.PostAsync("/api/units/n01/close", new { })).RefusedAsync(HttpStatusCode.Conflict, "children-open");

        Assert.Equal(before, await App.AuditAsync());
    }

    [Fact]
    public void Every_route_has_a_decision()
    {
        var undecided = App.Routes.Where(route => route.Metadata.GetMetadata<PermissionDemand>() is null && route.Metadata.GetMetadata<IAllowAnonymous>() is null);
        var open = App.Routes.Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is not null).Select(route => route.RoutePattern.RawText!);

        Assert.Empty(undecided.Select(route => route.RoutePattern.RawText));
        Assert.All(open, path => Assert.Matches("^/?(livez|readyz|startupz|metrics|openapi)", path.TrimStart('/')));
    }

    [Fact]
    public async Task Every_route_refuses_every_role_that_lacks_its_permission()
    {
        var leaks = new List<string>();
        foreach (var role in Roles.All.Append(Roles.Gateway))
        {
            using var client = App.As(role, "hq/");
            foreach (var route in App.Routes.Where(route => route.Metadata.GetMetadata<PermissionDemand>() is { } demand && !Roles.Allow(role, demand.Permission)))
            {
                var path = ParameterForm().Replace(route.RoutePattern.RawText!, match => match.Value.Contains("guid", StringComparison.Ordinal) ? $"{Guid.Empty}" : "n01");
                var method = route.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.HttpMethodMetadata>()!.HttpMethods[0];
                using var answer = await client.SendAsync(new HttpMethod(method), path, method is "POST" or "PUT" ? new { } : null);
                if (answer.StatusCode != HttpStatusCode.Forbidden)
                    leaks.Add($"{role}: {method} {path} {(int)answer.StatusCode}");
            }
        }

        Assert.Empty(leaks);
    }

    [Fact]
    public async Task Every_route_of_a_unit_refuses_a_foreign_one_to_every_role()
    {
        var bodies = new Dictionary<string, object> { ["unit-change"] = new { name = new { zh = "名", en = "Name" } }, ["unit-move"] = new { parent = "north" } };
        var (leaks, asked) = (new List<string>(), 0);
        foreach (var role in Roles.All)
        {
            using var client = App.As(role, "hq/north/");
            foreach (var route in App.Routes.Where(route => route.RoutePattern.RawText!.Contains("{unit}", StringComparison.Ordinal)))
            {
                var name = route.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.IEndpointNameMetadata>()!.EndpointName;
                var method = route.Metadata.GetMetadata<Microsoft.AspNetCore.Routing.HttpMethodMetadata>()!.HttpMethods[0];
                foreach (var unit in new[] { "s01", "hq", "nowhere" })
                {
                    asked++;
                    var path = route.RoutePattern.RawText!.Replace("{unit}", unit, StringComparison.Ordinal) + (name == "unit-opening" ? "?from=2026-03-02T00:00:00Z" : "");
                    using var answer = await client.SendAsync(new HttpMethod(method), path, method == "GET" ? null : bodies.GetValueOrDefault(name, new { }), ifMatch: "*");
                    var problem = await answer.Content.ReadAsStringAsync(Token);
                    if (answer.StatusCode != HttpStatusCode.Forbidden || !problem.Contains("urn:service-quality:not-allowed", StringComparison.Ordinal))
                        leaks.Add($"{role}: {method} {path} {(int)answer.StatusCode}");
                }
            }
        }

        Assert.Empty(leaks);
        Assert.Equal(6 * 7 * 3, asked);
    }

    [Fact]
    public async Task A_list_has_a_bound()
    {
        using var admin = App.AsAdministrator();

        foreach (var path in new[] { "/api/units?limit=5001", "/api/units?limit=0", "/api/accounts?limit=501", "/api/keys?limit=501" })
            await (await admin.SendAsync(HttpMethod.Get, path)).RefusedAsync(HttpStatusCode.BadRequest, "malformed-request");
    }

    [Fact]
    public async Task Nobody_gets_in_without_a_ticket()
    {
        using var stranger = App.AsAdministrator();
        stranger.DefaultRequestHeaders.Clear();

        await (await stranger.SendAsync(HttpMethod.Get, "/api/units")).RefusedAsync(HttpStatusCode.Unauthorized, "not-signed-in");
    }

    [Fact]
    public async Task The_description_lists_the_routes_but_not_the_internal_ones()
    {
        using var anyone = App.AsAdministrator();

        var paths = (await anyone.ShowAsync("/openapi/organisation.json")).GetProperty("paths").EnumerateObject().Select(path => path.Name).ToList();

        Assert.Contains("/api/units/{unit}/move", paths);
        Assert.Contains("/api/keys/{id}/rotate", paths);
        Assert.DoesNotContain(paths, path => path.StartsWith("/internal", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Templates_are_shown()
    {
        using var branch = App.As(Roles.Branch, "hq/north/n01/");

        Assert.Equal(3, (await branch.ShowAsync("/api/templates")).GetProperty("items").GetArrayLength());
    }

    [Fact]
    public async Task Seeding_again_creates_nothing()
    {
        Assert.Equal((6, 3), (App.Demo.Accounts.Count, App.Demo.Keys.Count));

        var again = await DemoOrganisation.SeedAsync(App.Services, Token);

        Assert.Equal((0, 0), (again.Accounts.Count, again.Keys.Count));
    }

    [Fact]
    public async Task The_first_run_founds_the_organisation_with_an_administrator_once()
    {
        var file = Path.Combine(Directory.CreateTempSubdirectory("bootstrap-").FullName, "password");
        var database = await _servers.CreateDatabaseAsync("bootstrap");
        (string, string?)[] settings =
        [
            ("Organisation:Bootstrap:Code", "bank"), ("Organisation:Bootstrap:NameZh", "远汀银行"), ("Organisation:Bootstrap:NameEn", "Yuanting Bank"), ("Organisation:Bootstrap:Template", "bank"),
            ("Organisation:Bootstrap:TimeZone", "Asia/Shanghai"), ("Organisation:Bootstrap:Admin", "chief"), ("Organisation:Bootstrap:PasswordFile", file),
        ];

        for (var run = 1; run <= 2; run++)
        {
            await using var app = await OrganisationApp.StartAsync(_servers, seed: false, database, null, settings);
            using var gateway = app.AsGateway();
            await Eventually.Async(async () =>
            {
                var password = File.Exists(file) ? (await File.ReadAllTextAsync(file, Token)).Trim() : "none yet";
                var caller = (await (await gateway.PostAsync("/internal/sign-in", new { user = "chief", password })).ReadAsync()).GetProperty("caller");
                Assert.Equal("bank/", caller.GetProperty("grants")[0].Text("path"));
            });
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            await Assert.ThrowsAsync<InvalidOperationException>(() => DemoOrganisation.SeedAsync(app.Services, Token));
        }
    }

    [Theory]
    [InlineData("Organisation:TemplateDirectory", "/nowhere", "Organisation:TemplateDirectory")]
    [InlineData("Organisation:Bootstrap:Code", "hq", "Organisation:Bootstrap:NameZh")]
    [InlineData("Organisation:SignIn:ShortestPassword", "4", "Organisation:SignIn:ShortestPassword")]
    public async Task A_wrong_setting_stops_the_start_and_is_named(string key, string value, string told)
    {
        var failure = await Assert.ThrowsAnyAsync<OptionsValidationException>(async () => await OrganisationApp.StartAsync(_servers, seed: false, settings: (key, value)));

        Assert.Contains(failure.Failures, problem => problem.StartsWith(told, StringComparison.Ordinal));
    }

    private async Task<IReadOnlyList<string>> ColumnsAsync()
    {
        await using var command = App.Database.CreateCommand("""
            select table_name, column_name, case when data_type = 'ARRAY' then 'text[]' else data_type end, is_nullable
            from information_schema.columns where table_schema = 'organisation' and table_name not in ('outbox', 'inbox', 'audit', 'audit_head', 'schema_version')
            """);
        await using var reader = await command.ExecuteReaderAsync(Token);
        var columns = new List<string>();
        while (await reader.ReadAsync(Token))
            columns.Add($"{reader.GetString(0)}.{reader.GetString(1)} {reader.GetString(2)} {(reader.GetString(3) == "NO" ? "not null" : "null")}");
        return columns;
    }

    [GeneratedRegex("""CREATE TABLE (?!outbox)"?(?<name>\w+)"? \((?<columns>.*?)\n\);""", RegexOptions.Singleline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex TableForm();

    [GeneratedRegex("""^    (?!CONSTRAINT)"?(?<name>\w+)"? (?<type>timestamp with time zone|text\[\]|\w+)[^\n]*""", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ColumnForm();

    [GeneratedRegex(@"\{[^}]+\}", RegexOptions.None, 1000)]
    private static partial Regex ParameterForm();
}
