using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using ServiceQuality.Access;
using ServiceQuality.Standalone;
using ServiceQuality.Testing;

namespace ServiceQuality.EndToEnd;

/// <summary>
/// Walks every route of every service × every role × a unit outside the caller's subtree (ORG-09): no route without a decision,
/// no answer without the permission, nothing of a foreign unit in any answer.
/// </summary>
public sealed class RightsTests(RightsSuite suite) : IClassFixture<RightsSuite>
{
    private static readonly HttpMethod[] Unsafe = [HttpMethod.Post, HttpMethod.Put, HttpMethod.Patch, HttpMethod.Delete];

    [Fact]
    public void ORG_09_Every_route_has_made_a_decision()
    {
        var undecided = Routes().Where(route => route.Metadata.GetMetadata<PermissionDemand>() is null && route.Metadata.GetMetadata<IAllowAnonymous>() is null);

        Assert.Empty(undecided.Select(route => $"{route.RoutePattern.RawText}"));
    }

    [Fact]
    public void ORG_09_Only_doors_that_must_be_open_are_open()
    {
        string[] open = ["/livez", "/readyz", "/startupz", "/metrics", "/sign-in", "/openapi/", "/assets/", "/lib/"];

        var surprising = Routes()
            .Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is not null)
            .Select(route => "/" + route.RoutePattern.RawText!.TrimStart('/'))
            .Where(path => !open.Any(door => path.StartsWith(door, StringComparison.Ordinal)))
            .Where(path => !IsStaticFile(path));

        Assert.Empty(surprising);
    }

    [Theory]
    [InlineData(Roles.Administrator, "hq/north/", "s01")]
    [InlineData(Roles.HeadOffice, "hq/north/", "s01")]
    [InlineData(Roles.Region, "hq/north/", "s01")]
    [InlineData(Roles.Branch, "hq/north/n01/", "n02")]
    [InlineData(Roles.Auditor, "hq/north/", "s01")]
    [InlineData(Roles.BranchSystem, "hq/north/", "s01")]
    public async Task ORG_09_No_route_answers_without_the_permission_or_about_a_foreign_unit(string role, string path, string foreignCode)
    {
        var foreign = suite.Units.Single(unit => unit.Code == foreignCode);
        var hidden = suite.Units.Where(unit => !unit.Path.StartsWith(path, StringComparison.Ordinal) && !path.StartsWith(unit.Path, StringComparison.Ordinal)).ToList();
        using var client = suite.ClientOf(role, path);
        var leaks = new List<string>();
        var walked = 0;

        foreach (var route in Routes().Where(route => route.Metadata.GetMetadata<PermissionDemand>() is not null))
        {
            var permission = route.Metadata.GetMetadata<PermissionDemand>()!.Permission;
            var address = Fill(route, foreign);
            foreach (var method in route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Select(method => new HttpMethod(method)) ?? [HttpMethod.Get])
            {
                walked++;
                using var request = new HttpRequestMessage(method, address);
                if (Unsafe.Contains(method) && method != HttpMethod.Delete)
                    request.Content = new StringContent("{}", Encoding.UTF8, "application/json");
                using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5));
                using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, timeout.Token);
                var isStream = answer.Content.Headers.ContentType?.MediaType == "text/event-stream";
                var body = isStream ? "" : await answer.Content.ReadAsStringAsync(timeout.Token);

                if (!Roles.Allow(role, permission) && answer.StatusCode != HttpStatusCode.Forbidden)
                    leaks.Add($"{role} lacks {permission}, but {method} {address} answered {(int)answer.StatusCode}");
                if (route.RoutePattern.Parameters.Count > 0 && answer.IsSuccessStatusCode)
                    leaks.Add($"{role} in {path}: {method} {address} answered {(int)answer.StatusCode} about a foreign unit: {body[..Math.Min(200, body.Length)]}");
                leaks.AddRange(hidden.Where(unit => unit.Id != foreign.Id && body.Contains(unit.Id.ToString(), StringComparison.OrdinalIgnoreCase))
                    .Select(unit => $"{role} in {path}: {method} {address} tells of {unit.Path}"));
            }
        }

        Assert.True(walked > 30, $"only {walked} routes were walked");
        Assert.Empty(leaks);
    }

    [Fact]
    public async Task ORG_09_A_forged_or_foreign_ticket_opens_nothing()
    {
        using var stranger = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var forged = Ticket.Sign(new Caller(Guid.Empty, "forged", IsMachine: false, [new Grant(Roles.HeadOffice, "hq/")]), stranger, TimeProvider.System.GetUtcNow());
        using var client = TestTickets.ClientWith(suite.Inside, forged);

        foreach (var route in Routes().Where(route => route.Metadata.GetMetadata<PermissionDemand>() is not null))
        {
            var method = route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Select(method => new HttpMethod(method)).FirstOrDefault() ?? HttpMethod.Get;
            using var answer = await client.SendAsync(new HttpRequestMessage(method, Fill(route, suite.Units[0])), TestContext.Current.CancellationToken);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }
    }

    private IEnumerable<RouteEndpoint> Routes() => suite.Endpoints.OfType<RouteEndpoint>();

    private static bool IsStaticFile(string path) => Path.HasExtension(path) || path.StartsWith("/_content/", StringComparison.Ordinal);

    /// <summary>The route's address about the foreign unit: its id or code for whatever the route takes.</summary>
    private static string Fill(RouteEndpoint route, UnitRow unit)
    {
        var address = new StringBuilder();
        foreach (var segment in route.RoutePattern.PathSegments)
        {
            address.Append('/');
            foreach (var part in segment.Parts)
            {
                address.Append(part switch
                {
                    Microsoft.AspNetCore.Routing.Patterns.RoutePatternLiteralPart literal => literal.Content,
                    Microsoft.AspNetCore.Routing.Patterns.RoutePatternSeparatorPart separator => separator.Content,
                    Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart { Name: "code" } => unit.Code,
                    Microsoft.AspNetCore.Routing.Patterns.RoutePatternParameterPart parameter when parameter.ParameterPolicies.Any(policy => policy.Content == "int") => "1",
                    _ => unit.Id.ToString(),
                });
            }
        }
        return address.Length == 0 ? "/" : address.ToString();
    }
}

/// <summary>The suite in this process with the demo tree, on a real PostgreSQL; one for all rights tests.</summary>
public sealed class RightsSuite : IAsyncLifetime
{
    private readonly RealPostgres _postgres = new();
    private readonly string _folder = Directory.CreateTempSubdirectory("sq-rights-").FullName;
    private OneProcess _suite = null!;

    /// <summary>Every unit of the demo tree.</summary>
    internal IReadOnlyList<UnitRow> Units { get; private set; } = [];

    /// <summary>Address of the services behind the gateway.</summary>
    public string Inside => _suite.Inside;

    /// <summary>Every endpoint of every service.</summary>
    public IReadOnlyList<Endpoint> Endpoints => _suite.Endpoints;

    public async ValueTask InitializeAsync()
    {
        await _postgres.InitializeAsync();
        var database = await _postgres.CreateDatabaseAsync("rights");
        var databases = new[] { "organisation", "monitoring", "scores", "gateway" }.ToDictionary(name => name, _ => database);
        _suite = await OneProcess.StartAsync(databases, $"http://127.0.0.1:{LocalServers.LocalPorts.Free(1)[0]}", TestContext.Current.CancellationToken);
        await DemoSession.SeedAsync(database, _suite.Address, _folder, TestContext.Current.CancellationToken);

        using var all = ClientOf(Roles.Auditor, "hq/");
        using var page = JsonDocument.Parse(await all.GetStringAsync(new Uri("/api/units", UriKind.Relative)));
        Units = [.. page.RootElement.GetProperty("items").EnumerateArray().Select(unit =>
            new UnitRow(unit.GetProperty("id").GetGuid(), unit.GetProperty("code").GetString()!, unit.GetProperty("kind").GetString()!, unit.GetProperty("path").GetString()!))];
        await Eventually.Async(async () => Assert.Contains("s01", await all.GetStringAsync(new Uri("/api/overview", UriKind.Relative)), StringComparison.Ordinal), TimeSpan.FromSeconds(30));
    }

    /// <summary>A client with a ticket of this role over this subtree.</summary>
    public HttpClient ClientOf(string role, string path)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(_suite.SigningKey);
        var caller = new Caller(Guid.CreateVersion7(TimeProvider.System.GetUtcNow()), role, role == Roles.BranchSystem, [new Grant(role, path)]);
        return TestTickets.ClientWith(Inside, Ticket.Sign(caller, key, TimeProvider.System.GetUtcNow()));
    }

    public async ValueTask DisposeAsync()
    {
        await _suite.DisposeAsync();
        await _postgres.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }
}
