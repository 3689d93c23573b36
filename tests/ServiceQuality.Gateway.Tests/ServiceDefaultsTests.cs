using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;
using Npgsql;
using ServiceQuality.Access;
using ServiceQuality.Clients;
using ServiceQuality.Testing;

namespace ServiceQuality.Gateway.Tests;

/// <summary>What every service has in common, on a service that has nothing else.</summary>
public sealed class ServiceDefaultsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private static WebApplication Build(Action<WebApplicationBuilder>? register = null, Action<WebApplication>? map = null, params (string Key, string? Value)[] settings)
    {
        var builder = WebApplication.CreateBuilder();
        builder.Configuration.AddInMemoryCollection([new("Tickets:VerificationKeys", TestTickets.VerificationKeys), new("Logging:LogLevel:Default", "None")]);
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Key, setting.Value)));
        builder.AddServiceDefaults("probe");
        register?.Invoke(builder);
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.UseServiceDefaults();
        map?.Invoke(app);
        return app;
    }

    private static async Task<HttpClient> StartAsync(WebApplication app)
    {
        await app.StartAsync(Ct);
        return new HttpClient { BaseAddress = new Uri(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()) };
    }

    [Fact]
    public async Task A_failing_dependency_makes_a_service_unready_but_not_dead()
    {
        var state = HealthStatus.Healthy;
        await using var app = Build(builder => builder.Services.AddHealthChecks().AddCheck("store", () => new HealthCheckResult(state)));
        using var client = await StartAsync(app);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/startupz", Ct)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/readyz", Ct)).StatusCode);
        state = HealthStatus.Unhealthy;
        using var unready = await client.GetAsync("/readyz", Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, unready.StatusCode);
        Assert.Equal("failed", (await unready.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("checks").GetProperty("store").GetProperty("status").GetString());
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/livez", Ct)).StatusCode);
    }

    [Fact]
    public async Task A_probe_tells_words_and_no_addresses()
    {
        var data = new Dictionary<string, object> { ["scores"] = "down", ["Endpoints"] = new Dictionary<string, object> { ["rabbitmq://broker.internal/scores-facts"] = "secret" } };
        await using var app = Build(builder => builder.Services.AddHealthChecks().AddCheck("bus", () => HealthCheckResult.Healthy("Ready", data)));
        using var client = await StartAsync(app);
        var check = (await client.GetFromJsonAsync<JsonElement>("/readyz", Ct)).GetProperty("checks").GetProperty("bus");
        Assert.Equal("down", check.GetProperty("data").GetProperty("scores").GetString());
        Assert.DoesNotContain("rabbitmq", check.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_leaving_service_is_unready_and_still_serves_until_the_drain_is_over()
    {
        await using var app = Build(null, app => app.MapGet("/work", () => "done").AllowAnonymous(), ("Drain:Delay", "00:00:02"));
        using var client = await StartAsync(app);
        var stopping = app.StopAsync(Ct);
        await Eventually.Async(async () =>
        {
            using var unready = await client.GetAsync("/readyz", Ct);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, unready.StatusCode);
        }, TimeSpan.FromSeconds(1));
        Assert.Equal("done", await client.GetStringAsync("/work", Ct));
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync("/livez", Ct)).StatusCode);
        Assert.False(stopping.IsCompleted);
        await stopping;
        await Assert.ThrowsAnyAsync<HttpRequestException>(() => client.GetAsync("/livez", Ct));
    }

    [Theory]
    [InlineData("transient", HttpStatusCode.ServiceUnavailable, "temporarily-unavailable", true)]
    [InlineData("wrapped", HttpStatusCode.ServiceUnavailable, "temporarily-unavailable", true)]
    [InlineData("away", HttpStatusCode.ServiceUnavailable, "temporarily-unavailable", true)]
    [InlineData("bad", HttpStatusCode.BadRequest, "malformed-request", false)]
    [InlineData("bug", HttpStatusCode.InternalServerError, "internal-error", false)]
    public async Task A_failure_becomes_a_problem_without_internals(string kind, HttpStatusCode status, string code, bool retryable)
    {
        await using var app = Build(null, app => app.MapGet("/fail", (Func<string>)(() => throw Failure(kind))).AllowAnonymous());
        using var client = await StartAsync(app);
        using var answer = await client.GetAsync("/fail", Ct);
        Assert.Equal(status, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
        Assert.Equal($"urn:service-quality:{code}", problem.GetProperty("type").GetString());
        Assert.Equal(retryable, problem.GetProperty("retryable").GetBoolean());
        Assert.Equal(retryable, answer.Headers.RetryAfter is not null);
        Assert.Equal(Assert.Single(answer.Headers.GetValues("X-Request-Id")), problem.GetProperty("traceId").GetString());
        Assert.DoesNotContain("secret", problem.GetRawText(), StringComparison.Ordinal);
    }

    private static Exception Failure(string kind) => kind switch
    {
        "transient" => new NpgsqlException("secret", new TimeoutException()),
        "wrapped" => new InvalidOperationException("secret", new NpgsqlException("secret", new IOException())),
        "away" => new TemporarilyUnavailableException("secret"),
        "bad" => new BadHttpRequestException("The body is not JSON."),
        _ => new InvalidOperationException("secret"),
    };

    [Fact]
    public async Task An_unknown_path_is_404_and_an_endpoint_without_a_decision_is_denied()
    {
        await using var app = Build(null, app =>
        {
            app.MapGet("/undecided", () => "open");
            app.MapGet("/scores", () => "seen").RequirePermission(Permissions.ReadScores);
        });
        using var client = await StartAsync(app);
        Assert.Equal("not-found", await (await client.GetAsync("/nothing", Ct)).CodeAsync());
        Assert.Equal("method-not-allowed", await (await client.PostAsync("/scores", null, Ct)).CodeAsync());
        Assert.Equal(HttpStatusCode.Unauthorized, (await client.GetAsync("/undecided", Ct)).StatusCode);
        client.DefaultRequestHeaders.Add(Ticket.Header, TestTickets.For(Roles.Auditor, "hq/"));
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/undecided", Ct)).StatusCode);
        Assert.Equal("seen", await client.GetStringAsync("/scores", Ct));
    }

    [Fact]
    public async Task A_large_body_is_413()
    {
        await using var app = Build(null, app => app.MapPost("/take", async (HttpContext context) => await context.Request.Body.CopyToAsync(Stream.Null, Ct)).AllowAnonymous(), ("RequestLimits:MaxBodyBytes", "2048"));
        using var client = await StartAsync(app);
        using var answer = await client.PostAsync("/take", new ByteArrayContent(new byte[4096]), Ct);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("too-large", await answer.CodeAsync());
    }

    private sealed record Size(int Width, int? Height);

    private sealed record Order(string Code, int Count, Size Size, IReadOnlyList<Size> More, string? Note, int Priority = 1);

    [Theory]
    [InlineData("""{"count":1,"size":{"width":1,"height":1},"more":[],"note":null}""", "/code", "code", "is missing.")]
    [InlineData("""{"code":"a","size":{"width":1,"height":1},"more":[],"note":null}""", "/count", "count", "is missing.")]
    [InlineData("""{"code":"a","count":1,"size":{"height":1},"more":[]}""", "/size/width", "size.width", "is missing.")]
    [InlineData("""{"code":"a","count":1,"size":{"width":1},"more":[{"width":1},{"height":1}]}""", "/more/1/width", "more[1].width", "is missing.")]
    [InlineData("""{"code":null,"count":1,"size":{"width":1},"more":[]}""", "/code", "code", "does not have the right form.")]
    [InlineData("""{"code":"a","count":"many","size":{"width":1},"more":[]}""", "/count", "count", "does not have the right form.")]
    [InlineData("""{"code":"a","count":1,"size":{"width":1},"more":[{"width":{}}]}""", "/more/0/width", "more[0].width", "does not have the right form.")]
    public async Task A_field_that_is_missing_or_unreadable_is_named(string body, string place, string name, string fault)
    {
        await using var app = Build(null, app => app.MapPost("/orders", (Order order) => order.Priority).AllowAnonymous());
        using var client = await StartAsync(app);
        var problem = await RefusedAsync(client, new StringContent(body, Encoding.UTF8, "application/json"), "en");
        Assert.Equal(place, problem.GetProperty("pointer").GetString());
        Assert.Equal(fault, problem.GetProperty("errors").GetProperty(name)[0].GetString());
        Assert.Equal($"{name} {fault}", problem.GetProperty("detail").GetString());
        Assert.DoesNotContain("Order", problem.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_missing_field_is_named_in_the_language_of_the_caller()
    {
        await using var app = Build(null, app => app.MapPost("/orders", (Order order) => order.Priority).AllowAnonymous());
        using var client = await StartAsync(app);
        var problem = await RefusedAsync(client, new StringContent("""{"size":{"width":1},"more":[]}""", Encoding.UTF8, "application/json"), "zh-CN,en;q=0.5");
        Assert.Equal("code 缺失。 count 缺失。", problem.GetProperty("detail").GetString());
        Assert.Equal(["code", "count"], problem.GetProperty("errors").EnumerateObject().Select(error => error.Name));
        Assert.Equal("正文不是 JSON。", (await RefusedAsync(client, new StringContent("{", Encoding.UTF8, "application/json"), "zh")).GetProperty("detail").GetString());
        Assert.Equal("1", await (await client.PostAsync("/orders", new StringContent("""{"code":"a","count":1,"size":{"width":1},"more":[]}""", Encoding.UTF8, "application/json"), Ct)).Content.ReadAsStringAsync(Ct));
    }

    [Fact]
    public async Task A_parameter_of_the_query_that_is_missing_or_unreadable_is_named()
    {
        await using var app = Build(null, app => app.MapPost("/orders", (int limit) => limit).AllowAnonymous());
        using var client = await StartAsync(app);
        Assert.Equal("limit is missing.", (await RefusedAsync(client, null, "en")).GetProperty("detail").GetString());
        using var answer = await client.PostAsync("/orders?limit=many", null, Ct);
        Assert.Equal("limit does not have the right form.", (await answer.Content.ReadFromJsonAsync<JsonElement>(Ct)).GetProperty("detail").GetString());
    }

    private static async Task<JsonElement> RefusedAsync(HttpClient client, HttpContent? body, string language)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/orders") { Content = body, Headers = { { "Accept-Language", language } } };
        using var answer = await client.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(Ct);
        Assert.Equal("urn:service-quality:malformed-request", problem.GetProperty("type").GetString());
        Assert.False(problem.GetProperty("retryable").GetBoolean());
        return problem;
    }

    [Theory]
    [InlineData("Tickets:VerificationKeys", "", "Tickets:VerificationKeys — must hold the PEM public key of the gateway.")]
    [InlineData("Drain:Delay", "01:00:00", "Drain:Delay — ")]
    public async Task A_wrong_setting_stops_the_start_and_names_its_key(string key, string value, string message)
    {
        await using var app = Build(null, null, (key, value));
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(Ct));
        Assert.StartsWith(message, Assert.Single(failure.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_missing_address_names_its_environment_variable()
    {
        await using var app = Build(builder => builder.AddServiceClient("scores"));
        var failure = await Assert.ThrowsAsync<OptionsValidationException>(() => app.StartAsync(Ct));
        Assert.Contains("services__scores__http__0", Assert.Single(failure.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Migrations_run_on_demand_or_at_start_before_anything_else()
    {
        var steps = new List<string>();
        void Register(WebApplicationBuilder builder)
        {
            builder.Services.AddHostedService(_ => new Step(() => steps.Add("worker")));
            builder.Services.AddSingleton<IServiceMigration>(new Migration(() => steps.Add("migration")));
        }

        Assert.Equal(0, await Build(Register).RunServiceAsync(["--migrate"]));
        Assert.Equal(["migration"], steps);

        await using var plain = Build(Register);
        using var first = await StartAsync(plain);
        Assert.Equal(["migration", "worker"], steps);

        await using var atStart = Build(Register, null, (ServiceRun.MigrateAtStartKey, "true"));
        using var second = await StartAsync(atStart);
        Assert.Equal(["migration", "worker", "migration", "worker"], steps);
    }

    [Fact]
    public async Task A_failed_migration_is_exit_code_one()
    {
        Assert.Equal(1, await Build(builder => builder.Services.AddSingleton<IServiceMigration>(new Migration(() => throw new InvalidOperationException("no")))).RunServiceAsync(["--migrate"]));
        Environment.ExitCode = 0;
    }

    [Fact]
    public async Task Metrics_are_told_in_the_prometheus_format()
    {
        await using var app = Build(null, app => app.MapGet("/work", () => "done").AllowAnonymous());
        using var client = await StartAsync(app);
        _ = await client.GetStringAsync("/work", Ct);
        using var answer = await client.GetAsync("/metrics", Ct);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", answer.Content.Headers.ContentType!.ToString());
        var lines = (await answer.Content.ReadAsStringAsync(Ct)).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Contains("# TYPE http_server_request_duration_seconds histogram", lines);
        Assert.Contains(lines, line => line.StartsWith("http_server_request_duration_seconds_count{", StringComparison.Ordinal) && line.Contains("http_route=\"/work\"", StringComparison.Ordinal));
        Assert.All(lines, line => Assert.Matches(@"^(# (HELP|TYPE) [a-zA-Z_]\w* .*|[a-zA-Z_]\w*(\{\w+="".*""\})? (NaN|[+-]?[\d.E+-]+|[+-]?Inf))$", line));
    }

    [Fact]
    public async Task A_read_between_services_is_repeated_and_a_service_that_is_away_is_temporary()
    {
        await using var service = await StandIn.StartAsync();
        var failures = 2;
        service.Instead = context =>
        {
            if (Interlocked.Decrement(ref failures) < 0)
                return Task.FromResult(false);
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.FromResult(true);
        };
        await using var app = Build(builder => builder.AddServiceClient("scores"), null, ("services:scores:http:0", service.Address));
        using var client = app.Services.GetRequiredService<IHttpClientFactory>().CreateClient("scores");
        using var answer = await client.GetAsync("/api/overview?period=7d", Ct);
        Assert.Equal("/api/overview?period=7d", (await answer.EchoAsync()).Path);
        Assert.Equal(3, service.Count("GET /api/overview"));

        await service.DisposeAsync();
        await Assert.ThrowsAsync<TemporarilyUnavailableException>(() => client.GetAsync("/api/overview", Ct));
    }

    private sealed class Migration(Action apply) : IServiceMigration
    {
        public string Name => "probe";

        public Task ApplyAsync(CancellationToken ct)
        {
            apply();
            return Task.CompletedTask;
        }
    }

    private sealed class Step(Action run) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            run();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
