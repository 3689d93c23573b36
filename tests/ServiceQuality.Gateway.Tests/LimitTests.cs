using System.Net;
using System.Net.Http.Json;
using ServiceQuality.Testing;

namespace ServiceQuality.Gateway.Tests;

public sealed class LimitTests(RealPostgres servers) : InWorld(servers,
    ("RateLimits:Key:Count", "5"), ("RateLimits:Key:Seconds", "3600"),
    ("RateLimits:SignIn:Count", "8"), ("RateLimits:SignIn:Seconds", "3600"),
    ("RateLimits:WrongPasswords:Count", "3"), ("RateLimits:WrongPasswords:Seconds", "3600"))
{
    [Fact]
    public async Task A_key_is_told_what_is_left_and_then_429_with_retry_after()
    {
        using var machine = World.Machine();
        for (var left = 4; left >= 0; left--)
        {
            using var answer = await machine.PostAsJsonAsync("/api/telemetry", new { }, Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
            Assert.Equal("\"key\";q=5;w=3600", Assert.Single(answer.Headers.GetValues("RateLimit-Policy")));
            Assert.StartsWith($"\"key\";r={left};t=", Assert.Single(answer.Headers.GetValues("RateLimit")), StringComparison.Ordinal);
        }

        using var refused = await machine.PostAsJsonAsync("/api/telemetry", new { }, Ct);
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.StatusCode);
        Assert.Equal("too-many-requests", await refused.CodeAsync());
        Assert.InRange(refused.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 1, 720);
        Assert.StartsWith("\"key\";r=0;t=", Assert.Single(refused.Headers.GetValues("RateLimit")), StringComparison.Ordinal);
        Assert.Equal(5, World.Monitoring.Count("POST /api/telemetry"));
    }

    [Fact]
    public async Task A_large_batch_counts_for_its_size()
    {
        using var machine = World.Machine();
        using var answer = await machine.PostAsync("/api/telemetry", new ByteArrayContent(new byte[600 << 10]), Ct);
        Assert.StartsWith("\"key\";r=2;", Assert.Single(answer.Headers.GetValues("RateLimit")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_name_is_closed_after_wrong_passwords_and_an_address_after_many_attempts()
    {
        using var client = World.Client();
        for (var i = 0; i < 3; i++)
        {
            using var wrong = await client.SignInAsync(password: "wrong");
            Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        }

        using var closed = await client.SignInAsync();
        Assert.Equal(HttpStatusCode.TooManyRequests, closed.StatusCode);
        Assert.Equal("too-many-attempts", await closed.CodeAsync());
        Assert.NotNull(closed.Headers.RetryAfter);
        Assert.Equal(3, World.Organisation.Count("POST /internal/sign-in"));

        for (var i = 0; i < 4; i++)
        {
            using var another = await client.SignInAsync($"other{i}");
            Assert.Equal(HttpStatusCode.Unauthorized, another.StatusCode);
        }

        using var stopped = await client.SignInAsync("one-more");
        Assert.Equal(HttpStatusCode.TooManyRequests, stopped.StatusCode);
    }
}
