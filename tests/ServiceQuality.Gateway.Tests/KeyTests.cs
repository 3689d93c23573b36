using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using ServiceQuality.Contracts.Organisation;
using ServiceQuality.Testing;

namespace ServiceQuality.Gateway.Tests;

public sealed class KeyTests(RealPostgres servers) : InWorld(servers, ("RateLimits:WrongKeys:Count", "5"), ("RateLimits:WrongKeys:Seconds", "3600"))
{
    private const string Verify = "POST /internal/keys/verify";

    [Fact]
    public async Task A_key_is_a_machine_and_is_asked_about_once_in_two_seconds()
    {
        using var machine = World.Machine();
        for (var i = 0; i < 20; i++)
        {
            using var answer = await machine.PostAsJsonAsync("/api/telemetry", new { n = i }, Ct);
            var echo = await answer.EchoAsync();
            Assert.Equal(Register.Machine.Subject, echo.Caller()!.Subject);
            Assert.DoesNotContain("X-Api-Key", echo.Headers.Keys);
        }

        Assert.InRange(World.Organisation.Count(Verify), 1, 3);
    }

    [Fact]
    public async Task A_revoked_key_ends_at_once()
    {
        using var machine = World.Machine();
        using var good = await machine.GetAsync("/api/units", Ct);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);

        World.Register.KeyRevoked = true;
        await World.Services.GetRequiredService<IBus>().Publish(new ApiKeyRevoked(Register.Machine.Subject, TimeProvider.System.GetUtcNow()), Ct);
        // Without the message it would be good for up to two seconds more.
        await Eventually.Async(async () =>
        {
            using var answer = await machine.GetAsync("/api/units", Ct);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
            Assert.Equal("unknown-key", await answer.CodeAsync());
        }, TimeSpan.FromSeconds(1));
    }

    [Fact]
    public async Task A_revoked_key_ends_within_seconds_also_when_the_message_is_lost()
    {
        using var machine = World.Machine();
        using var good = await machine.GetAsync("/api/units", Ct);
        World.Register.KeyRevoked = true;
        await Eventually.Async(async () =>
        {
            using var answer = await machine.GetAsync("/api/units", Ct);
            Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        }, TimeSpan.FromSeconds(3));
    }

    [Fact]
    public async Task While_organisation_is_away_a_key_that_nobody_has_asked_about_is_503_and_retryable()
    {
        World.Register.Away = true;
        using var machine = World.Machine();
        using var answer = await machine.PostAsJsonAsync("/api/telemetry", new { }, Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("temporarily-unavailable", await answer.CodeAsync());
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal(0, World.Monitoring.Count("POST /api/telemetry"));
    }

    [Fact]
    public async Task PLT_05_While_organisation_hangs_a_key_known_good_goes_on_within_two_seconds_and_ends_when_it_is_revoked()
    {
        using var machine = World.Machine();
        using var before = await machine.GetAsync("/api/units", Ct);
        World.Register.Hangs = true;

        // Until the gateway has asked in vain more than once.
        for (var asked = World.Organisation.Count(Verify); World.Organisation.Count(Verify) < asked + 4; await Task.Delay(20, Ct))
        {
            var waited = Stopwatch.StartNew();
            using var answer = await machine.PostAsJsonAsync("/api/telemetry", new { }, Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.InRange(waited.Elapsed, TimeSpan.Zero, TimeSpan.FromSeconds(3));
        }
        await World.Services.GetRequiredService<IBus>().Publish(new ApiKeyRevoked(Register.Machine.Subject, TimeProvider.System.GetUtcNow()), Ct);
        await Eventually.Async(async () =>
        {
            using var ended = await machine.GetAsync("/api/units", Ct);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, ended.StatusCode);
        });

        (World.Register.Hangs, World.Register.KeyRevoked) = (false, true);
        await Eventually.Async(async () =>
        {
            using var ended = await machine.GetAsync("/api/units", Ct);
            Assert.Equal(HttpStatusCode.Unauthorized, ended.StatusCode);
        }, TimeSpan.FromSeconds(10));
    }

    [Fact]
    public async Task An_address_that_guesses_keys_is_stopped_but_not_the_good_key_beside_it()
    {
        using var machine = World.Machine();
        using var before = await machine.GetAsync("/api/units", Ct);
        using var client = World.Client();
        var statuses = new List<HttpStatusCode>();
        for (var i = 0; i < 7; i++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "/api/units");
            request.Headers.Add("X-Api-Key", $"sq_guess{i}");
            using var answer = await client.SendAsync(request, Ct);
            statuses.Add(answer.StatusCode);
        }

        Assert.Equal(HttpStatusCode.Unauthorized, statuses[0]);
        Assert.Equal(HttpStatusCode.TooManyRequests, statuses[^1]);
        using var known = await machine.GetAsync("/api/units", Ct);
        Assert.Equal(HttpStatusCode.OK, known.StatusCode);
    }
}

/// <summary>The grace of a key is bounded.</summary>
public sealed class KeyGraceTests(RealPostgres servers) : InWorld(servers, ("SignIn:TrustedWhileAway", "00:00:03"))
{
    [Fact]
    public async Task A_key_known_good_goes_on_while_organisation_is_away_but_not_for_ever()
    {
        using var machine = World.Machine();
        using var before = await machine.GetAsync("/api/units", Ct);
        World.Register.Away = true;
        await Eventually.Async(async () =>
        {
            using var answer = await machine.PostAsJsonAsync("/api/telemetry", new { }, Ct);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        });
        Assert.NotEqual(0, World.Monitoring.Count("POST /api/telemetry"));

        World.Register.Away = false;
        await Eventually.Async(async () =>
        {
            using var answer = await machine.PostAsJsonAsync("/api/telemetry", new { }, Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        });
    }
}
