using System.Net;
using System.Text;
using System.Text.Json;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Keys;
using ServiceQuality.Testing;

namespace ServiceQuality.Organisation.Tests;

/// <summary>API keys of branch systems.</summary>
public sealed class KeysTests(RealServers servers) : OrganisationTests(servers)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task A_key_is_shown_once_and_stored_as_a_hash()
    {
        using var admin = App.AsAdministrator("hq/north/");

        var issued = await (await admin.PostAsync("/api/keys", new { name = "Till", unit = "n01" })).ReadAsync(HttpStatusCode.Created);

        var key = issued.Text("key");
        var secret = key.Split('_', 3)[2];
        Assert.True(secret.Length * 6 >= 256, "256 bits of secret");
        Assert.Matches("^sq_[0-9a-f]{32}_[A-Za-z0-9_-]{43}$", key);
        var row = await App.QueryAsync(async db => (await db.Keys.FindAsync([issued.GetProperty("details").GetProperty("id").GetGuid()], Token))!);
        Assert.Equal(System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes(secret)), row.Hash);
        Assert.DoesNotContain(secret, Encoding.UTF8.GetString(await App.AuditAsync()), StringComparison.Ordinal);
        Assert.DoesNotContain(secret, (await admin.ShowAsync("/api/keys")).GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_stands_for_a_branch_system_over_its_subtree_and_its_use_is_seen()
    {
        var north = App.Demo.Keys.Single(key => key.Region == "north").Key;

        var caller = await (await VerifyAsync(north)).ReadAsync();

        Assert.True(caller.GetProperty("isMachine").GetBoolean());
        Assert.Equal(("branch-system", "hq/north/"), (caller.GetProperty("grants")[0].Text("role"), caller.GetProperty("grants")[0].Text("path")));
        using var admin = App.AsAdministrator("hq/north/");
        Assert.NotEqual(JsonValueKind.Null, Assert.Single((await admin.ShowAsync("/api/keys")).GetProperty("items").EnumerateArray()).GetProperty("lastUsedAt").ValueKind);
    }

    [Theory]
    [InlineData("")]
    [InlineData("sq_")]
    [InlineData("sq_00000000000000000000000000000000_x")]
    [InlineData("sq_nothex_x")]
    [InlineData("other_00000000000000000000000000000000_x")]
    public async Task A_key_that_is_none_is_refused(string key)
    {
        if (key.Length == 0)
            await (await VerifyAsync(key)).RefusedAsync(HttpStatusCode.BadRequest, "malformed-request");
        else
            await (await VerifyAsync(key)).RefusedAsync(HttpStatusCode.Unauthorized, "key-refused");
    }

    [Fact]
    public async Task The_right_id_with_another_secret_is_refused()
    {
        var keys = App.Demo.Keys.Select(key => key.Key.Split('_', 3)).ToList();

        await (await VerifyAsync($"sq_{keys[0][1]}_{keys[1][2]}")).RefusedAsync(HttpStatusCode.Unauthorized, "key-refused");
    }

    [Fact]
    public async Task A_rotated_key_and_its_successor_are_both_good_for_a_while()
    {
        using var admin = App.AsAdministrator();
        var (id, first) = await IssueAsync(admin);

        var rotated = await (await admin.PostAsync($"/api/keys/{id}/rotate", new { })).ReadAsync();
        var second = rotated.Text("key");

        var until = rotated.GetProperty("details").GetProperty("formerUntil").GetDateTimeOffset() - TimeProvider.System.GetUtcNow();
        Assert.InRange(until, TimeSpan.FromHours(23.9), TimeSpan.FromHours(24));
        await (await VerifyAsync(first)).ReadAsync();
        await (await VerifyAsync(second)).ReadAsync();
        await (await admin.PostAsync($"/api/keys/{id}/rotate", new { })).RefusedAsync(HttpStatusCode.Conflict, "rotation-running");
        await App.ExecuteAsync("update api_key set former_until = now() - interval '1 second' where former_until is not null");
        await (await VerifyAsync(first)).RefusedAsync(HttpStatusCode.Unauthorized, "key-refused");
        await (await VerifyAsync(second)).ReadAsync();
    }

    [Fact]
    public async Task A_leaked_key_is_rotated_without_overlap()
    {
        using var admin = App.AsAdministrator();
        var (id, first) = await IssueAsync(admin);
        var second = (await (await admin.PostAsync($"/api/keys/{id}/rotate", new { })).ReadAsync()).Text("key");

        var third = (await (await admin.PostAsync($"/api/keys/{id}/rotate", new { until = TimeProvider.System.GetUtcNow() })).ReadAsync()).Text("key");

        await (await VerifyAsync(first)).RefusedAsync(HttpStatusCode.Unauthorized, "key-refused");
        await (await VerifyAsync(second)).RefusedAsync(HttpStatusCode.Unauthorized, "key-refused");
        await (await VerifyAsync(third)).ReadAsync();
    }

    [Fact]
    public async Task An_overlap_lasts_at_most_thirty_days()
    {
        using var admin = App.AsAdministrator();
        var (id, _) = await IssueAsync(admin);

        await (await admin.PostAsync($"/api/keys/{id}/rotate", new { until = TimeProvider.System.GetUtcNow().AddDays(31) })).RefusedAsync(HttpStatusCode.Conflict, "overlap-out-of-range");
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once()
    {
        using var admin = App.AsAdministrator();
        var (id, key) = await IssueAsync(admin);
        await (await VerifyAsync(key)).ReadAsync();

        await (await admin.SendAsync(HttpMethod.Delete, $"/api/keys/{id}")).ReadAsync(HttpStatusCode.NoContent);

        await (await VerifyAsync(key)).RefusedAsync(HttpStatusCode.Unauthorized, "key-refused");
        await (await admin.SendAsync(HttpMethod.Delete, $"/api/keys/{id}")).RefusedAsync(HttpStatusCode.Conflict, "key-revoked");
        await (await admin.PostAsync($"/api/keys/{id}/rotate", new { })).RefusedAsync(HttpStatusCode.Conflict, "key-revoked");
    }

    [Fact]
    public void A_key_ends_when_it_expires()
    {
        var (key, shown) = ApiKey.Issue("Till", Guid.Empty, Noon.AddDays(1), "test", Noon);
        Assert.True(ApiKey.TryRead(shown, out var id, out var secret));

        Assert.Equal(key.Id, id);
        Assert.True(key.Accepts(secret, Noon.AddDays(1).AddTicks(-1)));
        Assert.False(key.Accepts(secret, Noon.AddDays(1)));
        Assert.Equal("key-expired", key.Rotate(TimeSpan.Zero, Noon.AddDays(1), out _).Code);
    }

    [Fact]
    public async Task Keys_stay_within_the_scope()
    {
        using var admin = App.AsAdministrator();
        using var north = App.AsAdministrator("hq/north/");
        var (id, _) = await IssueAsync(admin, "s01");

        await (await north.PostAsync("/api/keys", new { name = "Till", unit = "s01" })).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        await (await north.PostAsync($"/api/keys/{id}/rotate", new { })).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        await (await north.SendAsync(HttpMethod.Delete, $"/api/keys/{id}")).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        await (await north.SendAsync(HttpMethod.Delete, $"/api/keys/{Guid.Empty}")).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        Assert.Equal("hq/north/", Assert.Single((await north.ShowAsync("/api/keys")).GetProperty("items").EnumerateArray()).Text("path"));
    }

    [Fact]
    public async Task A_repeated_request_gets_the_same_key_and_makes_no_second()
    {
        using var admin = App.As(new Caller(Guid.CreateVersion7(Noon), "Admin", false, [new Grant(Roles.Administrator, "hq/")]));
        var body = new { name = "Till", unit = "n01" };

        var first = await admin.SendAsync(HttpMethod.Post, "/api/keys", body, idempotencyKey: "b7c0b6f4");
        var second = await admin.SendAsync(HttpMethod.Post, "/api/keys", body, idempotencyKey: "b7c0b6f4");

        var key = (await first.ReadAsync(HttpStatusCode.Created)).Text("key");
        Assert.Equal(key, (await second.ReadAsync(HttpStatusCode.Created)).Text("key"));
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal(4, (await admin.ShowAsync("/api/keys")).GetProperty("items").GetArrayLength());
        await (await admin.SendAsync(HttpMethod.Post, "/api/keys", new { name = "Other", unit = "n01" }, idempotencyKey: "b7c0b6f4")).RefusedAsync(HttpStatusCode.UnprocessableEntity, "idempotency-key-reused");
        var kept = await App.QueryAsync(async db => await Microsoft.EntityFrameworkCore.EntityFrameworkQueryableExtensions.SingleAsync(db.AnsweredRequests, Token));
        Assert.DoesNotContain(key, Encoding.UTF8.GetString(kept.Answer), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Repetitions_at_the_same_time_take_turns()
    {
        using var admin = App.As(new Caller(Guid.CreateVersion7(Noon), "Admin", false, [new Grant(Roles.Administrator, "hq/")]));

        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => admin.SendAsync(HttpMethod.Post, "/api/keys", new { name = "Till", unit = "n01" }, idempotencyKey: "same")));
        var keys = await Task.WhenAll(answers.Select(async answer => (await answer.ReadAsync(HttpStatusCode.Created)).Text("key")));

        Assert.Single(keys.Distinct());
    }

    private async Task<HttpResponseMessage> VerifyAsync(string key)
    {
        using var gateway = App.AsGateway();
        return await gateway.PostAsync("/internal/keys/verify", new { key });
    }

    private static async Task<(Guid Id, string Key)> IssueAsync(HttpClient admin, string unit = "n01")
    {
        var issued = await (await admin.PostAsync("/api/keys", new { name = "Till", unit })).ReadAsync(HttpStatusCode.Created);
        return (issued.GetProperty("details").GetProperty("id").GetGuid(), issued.Text("key"));
    }
}
