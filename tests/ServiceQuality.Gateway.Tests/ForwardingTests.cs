using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using ServiceQuality.Access;
using ServiceQuality.Testing;

namespace ServiceQuality.Gateway.Tests;

public sealed class ForwardingTests(RealPostgres servers) : InWorld(servers)
{
    [Theory]
    [InlineData("GET", "/api/units/abc", "organisation")]
    [InlineData("GET", "/api/me", "organisation")]
    [InlineData("GET", "/api/audit/organisation", "organisation")]
    [InlineData("POST", "/api/telemetry", "monitoring")]
    [InlineData("POST", "/v1/metrics", "monitoring")]
    [InlineData("GET", "/api/indicators", "monitoring")]
    [InlineData("GET", "/api/scores/n01/history", "scores")]
    [InlineData("GET", "/api/overview", "scores")]
    [InlineData("GET", "/api/audit/scores", "scores")]
    [InlineData("GET", "/", "console")]
    [InlineData("GET", "/units/n01", "console")]
    public async Task Each_path_has_one_owner(string method, string path, string owner)
    {
        using var machine = World.Machine();
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        using var answer = await machine.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var services = new Dictionary<string, StandIn> { ["organisation"] = World.Organisation, ["monitoring"] = World.Monitoring, ["scores"] = World.Scores, ["console"] = World.Console };
        Assert.All(services, service => Assert.Equal(service.Key == owner ? 1 : 0, service.Value.Count($"{method} {path}")));
    }

    [Theory]
    [InlineData("/api/nothing")]
    [InlineData("/api")]
    [InlineData("/v1/traces")]
    [InlineData("/internal/keys/verify")]
    [InlineData("/INTERNAL/accounts/x/caller")]
    [InlineData("/api/units/../../internal/sign-in")]
    [InlineData("/openapi/nothing.json")]
    public async Task What_nobody_owns_does_not_exist(string path)
    {
        using var machine = World.Machine();
        using var answer = await machine.GetAsync(path, Ct);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("unknown-path", await answer.CodeAsync());
        Assert.DoesNotContain(World.Organisation.Received, received => received.StartsWith("GET", StringComparison.Ordinal));
        Assert.Empty(World.Console.Received);
    }

    [Theory]
    [InlineData("GET", 2, HttpStatusCode.OK, 3)]
    [InlineData("POST", 1, HttpStatusCode.ServiceUnavailable, 1)]
    public async Task Reads_are_repeated_and_changes_never(string method, int failures, HttpStatusCode expected, int tries)
    {
        World.Scores.Instead = context =>
        {
            if (Interlocked.Decrement(ref failures) < 0)
                return Task.FromResult(false);
            context.Features.Get<IHttpRequestLifetimeFeature>()!.Abort();
            return Task.FromResult(true);
        };
        using var machine = World.Machine();
        using var request = new HttpRequestMessage(new HttpMethod(method), "/api/schemes") { Content = method == "POST" ? JsonContent.Create(new { }) : null };
        using var answer = await machine.SendAsync(request, Ct);
        Assert.Equal(expected, answer.StatusCode);
        Assert.Equal(tries, World.Scores.Count($"{method} /api/schemes"));
        if (expected != HttpStatusCode.OK)
        {
            Assert.Equal("temporarily-unavailable", await answer.CodeAsync());
            Assert.NotNull(answer.Headers.RetryAfter);
        }
    }

    [Fact]
    public async Task A_service_that_keeps_failing_is_left_alone_and_the_others_go_on()
    {
        World.Scores.Instead = context =>
        {
            context.Features.Get<IHttpRequestLifetimeFeature>()!.Abort();
            return Task.FromResult(true);
        };
        using var machine = World.Machine();
        for (var i = 0; i < 15; i++)
        {
            using var failing = await machine.PostAsJsonAsync("/api/schemes", new { }, Ct);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, failing.StatusCode);
        }

        Assert.InRange(World.Scores.Count("POST /api/schemes"), 1, 12);
        using var others = await machine.GetAsync("/api/units", Ct);
        Assert.Equal(HttpStatusCode.OK, others.StatusCode);
        using var client = World.Client();
        var metrics = await client.GetStringAsync("/metrics", Ct);
        Assert.Contains(metrics.Split('\n'), line => line.StartsWith("servicequality_client_circuit{", StringComparison.Ordinal)
            && line.Contains(new Uri(World.Scores.Address).Authority, StringComparison.Ordinal) && line.EndsWith("} 2", StringComparison.Ordinal));

        World.Scores.Instead = null;
        await Eventually.Async(async () =>
        {
            using var back = await machine.GetAsync("/api/overview", Ct);
            Assert.Equal(HttpStatusCode.OK, back.StatusCode);
        });
    }

    [Fact]
    public async Task A_503_that_the_service_says_itself_reaches_the_caller_as_it_is()
    {
        World.Monitoring.Instead = async context =>
        {
            context.Response.StatusCode = 503;
            context.Response.Headers.RetryAfter = "7";
            await context.Response.WriteAsJsonAsync(new { type = "urn:service-quality:broker-away" }, options: null, contentType: "application/problem+json", Ct);
            return true;
        };
        using var machine = World.Machine();
        for (var i = 0; i < 15; i++)
        {
            using var answer = await machine.PostAsJsonAsync("/api/telemetry", new { }, Ct);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
            Assert.Equal("7", answer.Headers.RetryAfter!.ToString());
            Assert.Contains("broker-away", await answer.Content.ReadAsStringAsync(Ct), StringComparison.Ordinal);
        }

        Assert.Equal(15, World.Monitoring.Count("POST /api/telemetry"));
    }

    [Fact]
    public async Task A_large_body_is_413_announced_or_not()
    {
        using var machine = World.Machine();
        using var announced = await machine.PostAsync("/api/telemetry", new ByteArrayContent(new byte[(4 << 20) + 1]), Ct);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, announced.StatusCode);
        Assert.Equal("too-large", await announced.CodeAsync());

        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/units") { Content = new StreamContent(new MemoryStream(new byte[(1 << 20) + 1])) };
        request.Headers.TransferEncodingChunked = true;
        using var chunked = await machine.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, chunked.StatusCode);
        Assert.Equal("too-large", await chunked.CodeAsync());

        using var fits = await machine.PostAsync("/api/telemetry", new ByteArrayContent(new byte[4 << 20]), Ct);
        Assert.Equal(HttpStatusCode.OK, fits.StatusCode);
    }

    [Fact]
    public async Task Events_pass_at_once_and_unpacked()
    {
        var goOn = new TaskCompletionSource();
        World.Scores.Instead = async context =>
        {
            context.Response.ContentType = "text/event-stream";
            await context.Response.WriteAsync("event: score\nid: 1\ndata: {}\n\n", Ct);
            await context.Response.Body.FlushAsync(Ct);
            await goOn.Task;
            await context.Response.WriteAsync("event: score\nid: 2\ndata: {}\n\n", Ct);
            return true;
        };
        using var machine = World.Machine();
        machine.DefaultRequestHeaders.Add("Accept-Encoding", "gzip, br");
        using var answer = await machine.GetAsync("/api/scores/stream", HttpCompletionOption.ResponseHeadersRead, Ct);
        Assert.Empty(answer.Content.Headers.ContentEncoding);
        using var reader = new StreamReader(await answer.Content.ReadAsStreamAsync(Ct));
        Assert.Equal("event: score", await reader.ReadLineAsync(Ct));
        goOn.SetResult();
        Assert.Contains("id: 2", await reader.ReadToEndAsync(Ct), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Text_is_packed_for_whoever_unpacks()
    {
        World.Scores.Instead = async context =>
        {
            await context.Response.WriteAsJsonAsync(new { text = new string('a', 10_000) }, Ct);
            return true;
        };
        using var machine = World.Machine();
        machine.DefaultRequestHeaders.Add("Accept-Encoding", "br");
        using var answer = await machine.GetAsync("/api/overview", Ct);
        Assert.Equal("br", Assert.Single(answer.Content.Headers.ContentEncoding));
    }

    [Theory]
    [InlineData("/api/overview")]
    [InlineData("/api/nothing")]
    [InlineData("/sign-in")]
    [InlineData("/openapi")]
    [InlineData("/livez")]
    public async Task Every_answer_carries_the_security_headers(string path)
    {
        World.Scores.Instead = World.Console.Instead = context =>
        {
            context.Response.Headers.ContentSecurityPolicy = "default-src *";
            context.Response.Headers.Server = "Kestrel";
            return Task.FromResult(false);
        };
        using var machine = World.Machine();
        using var answer = await machine.GetAsync(path, Ct);
        Assert.Equal(
            "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
            Assert.Single(answer.Headers.GetValues("Content-Security-Policy")));
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Opener-Policy")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Cross-Origin-Resource-Policy")));
        Assert.Equal("same-origin", Assert.Single(answer.Headers.GetValues("Referrer-Policy")));
        Assert.True(answer.Headers.Contains("Permissions-Policy"));
        Assert.False(answer.Headers.Contains("Server"));
        Assert.False(answer.Headers.Contains("Strict-Transport-Security"));
    }

    [Fact]
    public async Task One_trace_leads_through()
    {
        using var machine = World.Machine();
        machine.DefaultRequestHeaders.Add("traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");
        using var answer = await machine.GetAsync("/api/overview", Ct);
        Assert.Contains("4bf92f3577b34da6a3ce929d0e0e4736", (await answer.EchoAsync()).Headers["traceparent"], StringComparison.Ordinal);
        Assert.Contains("4bf92f3577b34da6a3ce929d0e0e4736", Assert.Single(answer.Headers.GetValues("traceparent")), StringComparison.Ordinal);
        Assert.Equal("4bf92f3577b34da6a3ce929d0e0e4736", Assert.Single(answer.Headers.GetValues("X-Request-Id")));
    }

    [Fact]
    public async Task PLT_04_Failed_messages_of_every_service_are_in_one_list_and_a_service_that_is_away_is_named()
    {
        World.Monitoring.Instead = context => TellAsync(context, "/api/messages/failed", "scores_error", "monitoring_outbox");
        World.Organisation.Instead = context => TellAsync(context, "/api/messages/failed/of/organisation", "organisation_outbox");
        World.Scores.Instead = context =>
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return Task.FromResult(true);
        };
        using var client = World.Machine();
        var listed = await client.GetFromJsonAsync<JsonElement>("/api/messages/failed", Ct);
        Assert.Equal(["monitoring_outbox", "organisation_outbox", "scores_error"], listed.GetProperty("queues").EnumerateArray().Select(queue => queue.GetProperty("queue").GetString()));
        Assert.Equal(["scores"], listed.GetProperty("away").EnumerateArray().Select(service => service.GetString()));

        World.Scores.Instead = null;
        using var shown = await client.GetAsync("/api/messages/failed/scores_outbox?limit=5", Ct);
        Assert.Equal("/api/messages/failed/scores_outbox?limit=5", (await shown.EchoAsync()).Path);
        Assert.Equal(1, World.Scores.Count("GET /api/messages/failed/scores_outbox"));
        World.Monitoring.Instead = null;
        using var atTheBroker = await client.GetAsync("/api/messages/failed/scores_error", Ct);
        Assert.Equal(1, World.Monitoring.Count("GET /api/messages/failed/scores_error"));

        World.Monitoring.Instead = context =>
        {
            context.Response.StatusCode = StatusCodes.Status403Forbidden;
            return Task.FromResult(true);
        };
        Assert.Equal(HttpStatusCode.Forbidden, (await client.GetAsync("/api/messages/failed", Ct)).StatusCode);
    }

    private static async Task<bool> TellAsync(HttpContext context, string path, params string[] queues)
    {
        if (context.Request.Path != path)
            return false;
        Assert.NotEmpty(context.Request.Headers[Ticket.Header].ToString());
        await context.Response.WriteAsJsonAsync(new { queues = queues.Select(queue => new { queue, messages = 1 }) });
        return true;
    }

    [Fact]
    public async Task A_person_whose_pages_are_away_reads_so_in_both_languages()
    {
        World.Console.Instead = context =>
        {
            context.Features.Get<IHttpRequestLifetimeFeature>()!.Abort();
            return Task.FromResult(true);
        };
        using var browser = World.Browser(new CookieContainer());
        using var answer = await browser.GetAsync("/sign-in", Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        var text = await answer.Content.ReadAsStringAsync(Ct);
        Assert.Contains("暂时不可用", text, StringComparison.Ordinal);
        Assert.Contains("Temporarily unavailable", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Operators_see_which_service_is_down()
    {
        using var client = World.Client();
        World.Scores.Ready = false;
        await Eventually.Async(async () =>
        {
            var state = await client.GetFromJsonAsync<JsonElement>("/readyz", Ct);
            Assert.Equal("ready", state.GetProperty("status").GetString());
            var services = state.GetProperty("checks").GetProperty("services");
            Assert.Equal("degraded", services.GetProperty("status").GetString());
            Assert.Equal("down", services.GetProperty("data").GetProperty("scores").GetString());
            Assert.Equal("up", services.GetProperty("data").GetProperty("monitoring").GetString());
        });
    }

    [Fact]
    public async Task Metrics_are_not_for_the_outside()
    {
        using var client = World.Client();
        using var inside = await client.GetAsync("/metrics", Ct);
        Assert.Equal(HttpStatusCode.OK, inside.StatusCode);
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        using var outside = await client.GetAsync("/metrics", Ct);
        Assert.Equal(HttpStatusCode.NotFound, outside.StatusCode);
    }
}

public sealed class ReplicaTests(RealPostgres servers)
{
    [Fact]
    public async Task A_replica_that_is_not_ready_or_gone_gets_no_requests()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var second = await StandIn.StartAsync();
        await using var world = await World.StartAsync(servers, ("services:scores:http:1", second.Address));
        using var machine = world.Machine();
        for (var i = 0; i < 40; i++)
        {
            using var answer = await machine.GetAsync("/api/overview", ct);
        }

        Assert.True(second.Count("GET /api/overview") > 0 && world.Scores.Count("GET /api/overview") > 0, "Both replicas take part.");

        second.Ready = false;
        await Eventually.Async(async () =>
        {
            var before = second.Received.Count;
            for (var i = 0; i < 10; i++)
            {
                using var answer = await machine.GetAsync("/api/overview", ct);
                Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            }

            Assert.Equal(before, second.Received.Count);
        });
    }

    [Fact]
    public async Task A_read_goes_to_the_next_replica_when_one_is_killed()
    {
        var ct = TestContext.Current.CancellationToken;
        var second = await StandIn.StartAsync();
        await using var world = await World.StartAsync(servers, ("services:scores:http:1", second.Address), ("Gateway:ProbeInterval", "00:01:00"));
        using var machine = world.Machine();
        using var first = await machine.GetAsync("/api/overview", ct);
        await second.DisposeAsync();
        for (var i = 0; i < 20; i++)
        {
            using var answer = await machine.GetAsync("/api/overview", ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }
}
