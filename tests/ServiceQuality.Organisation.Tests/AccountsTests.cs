using System.Net;
using System.Text;
using System.Text.Json;
using ServiceQuality.Access;
using ServiceQuality.Organisation.Accounts;
using ServiceQuality.Testing;

namespace ServiceQuality.Organisation.Tests;

/// <summary>Accounts and grants (ORG-09).</summary>
public sealed class AccountsTests(RealServers servers) : OrganisationTests(servers)
{
    private const string Password = "correct horse battery";

    [Fact]
    public async Task An_account_is_created_with_a_password_that_is_shown_once()
    {
        using var admin = App.AsAdministrator();

        var created = await (await admin.PostAsync("/api/accounts", new { user = "chen", name = "Chen", unit = "n01", grants = new[] { new { role = "branch", unit = "n01" } } })).ReadAsync(HttpStatusCode.Created);

        var id = created.GetProperty("account").Text("id");
        var caller = (await SignInAsync("chen", created.Text("password"))).GetProperty("caller");
        Assert.Equal(("branch", "hq/north/n01/"), (caller.GetProperty("grants")[0].Text("role"), caller.GetProperty("grants")[0].Text("path")));
        Assert.DoesNotContain(created.Text("password"), (await admin.ShowAsync($"/api/accounts/{id}")).GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain(created.Text("password"), Encoding.UTF8.GetString(await App.AuditAsync()), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("short", "password-refused")]
    [InlineData("aaaaaaaaaaaaaaaa", "password-refused")]
    [InlineData("my name is chenchen", "password-refused")]
    public async Task A_weak_password_is_refused(string password, string code)
    {
        using var admin = App.AsAdministrator();

        await (await admin.PostAsync("/api/accounts", new { user = "chenchen", name = "Chen", unit = "n01", password })).RefusedAsync(HttpStatusCode.BadRequest, code);
    }

    [Fact]
    public async Task A_user_name_is_given_once_whatever_its_case()
    {
        using var admin = App.AsAdministrator();

        await (await admin.PostAsync("/api/accounts", new { user = "ADMIN", name = "Other", unit = "n01" })).RefusedAsync(HttpStatusCode.Conflict, "user-taken");
        await (await admin.PostAsync("/api/accounts", new { user = "two words", name = "Other", unit = "n01" })).RefusedAsync(HttpStatusCode.BadRequest, "user-malformed");
    }

    [Fact]
    public async Task A_regional_administrator_stays_in_the_region()
    {
        using var north = App.AsAdministrator("hq/north/");
        var director = await AccountAsync("director");

        await (await north.PostAsync("/api/accounts", new { user = "li", name = "Li", unit = "s01" })).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        await (await north.PostAsync("/api/accounts", new { user = "li", name = "Li", unit = "n01", grants = new[] { new { role = "auditor", unit = "hq" } } })).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        await (await north.PostAsync($"/api/accounts/{director}/password", new { })).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        await (await north.SendAsync(HttpMethod.Get, $"/api/accounts/{director}")).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        await (await north.SendAsync(HttpMethod.Get, $"/api/accounts/{Guid.Empty}")).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        Assert.Equal(["n01", "north"], (await north.ShowAsync("/api/accounts")).GetProperty("items").EnumerateArray().Select(account => account.Text("user")));
    }

    [Fact]
    public async Task Whoever_reaches_further_than_the_manager_is_not_managed()
    {
        using var admin = App.AsAdministrator();
        using var north = App.AsAdministrator("hq/north/");
        var id = await CreateAsync(admin, "wu", "n01");
        await (await north.PostAsync($"/api/accounts/{id}/password", new { })).ReadAsync();

        await (await admin.PostAsync($"/api/accounts/{id}/grants", new { role = "auditor", unit = "hq" })).ReadAsync(HttpStatusCode.Created);

        await (await north.PostAsync($"/api/accounts/{id}/password", new { })).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
    }

    [Fact]
    public async Task Nobody_raises_or_ends_the_own_rights()
    {
        var id = await AccountAsync("admin");
        using var admin = App.As(new Caller(id, "admin", false, [new Grant(Roles.Administrator, "hq/")]));
        var grant = (await admin.ShowAsync($"/api/accounts/{id}")).GetProperty("grants")[0].Text("id");

        await (await admin.PostAsync($"/api/accounts/{id}/grants", new { role = "head-office", unit = "hq" })).RefusedAsync(HttpStatusCode.Conflict, "own-account");
        await (await admin.SendAsync(HttpMethod.Delete, $"/api/accounts/{id}/grants/{grant}")).RefusedAsync(HttpStatusCode.Conflict, "own-account");
        await (await admin.PostAsync($"/api/accounts/{id}/disable", new { })).RefusedAsync(HttpStatusCode.Conflict, "own-account");
    }

    [Theory]
    [InlineData("branch-system")]
    [InlineData("gateway")]
    [InlineData("emperor")]
    public async Task Only_roles_of_people_are_granted_to_people(string role)
    {
        using var admin = App.AsAdministrator();

        await (await admin.PostAsync($"/api/accounts/{await AccountAsync("n01")}/grants", new { role, unit = "n01" })).RefusedAsync(HttpStatusCode.Conflict, "unknown-role");
    }

    [Fact]
    public async Task A_grant_holds_from_its_beginning_to_its_end()
    {
        using var admin = App.AsAdministrator();
        var now = TimeProvider.System.GetUtcNow();
        var id = await CreateAsync(admin, "temp", "n01");
        await (await admin.PostAsync($"/api/accounts/{id}/grants", new { role = "region", unit = "north", from = now.AddHours(1).ToOffset(TimeSpan.FromHours(8)) })).ReadAsync(HttpStatusCode.Created);
        await (await admin.PostAsync($"/api/accounts/{id}/grants", new { role = "branch", unit = "n02", from = now.AddHours(-1), to = now.AddHours(1) })).ReadAsync(HttpStatusCode.Created);
        await (await admin.PostAsync($"/api/accounts/{id}/grants", new { role = "branch", unit = "n02", to = now.AddHours(-1) })).RefusedAsync(HttpStatusCode.Conflict, "grant-period-empty");

        var caller = (await SignInAsync("temp", Password)).GetProperty("caller");

        Assert.Equal("hq/north/n02/", Assert.Single(caller.GetProperty("grants").EnumerateArray()).Text("path"));
    }

    [Fact]
    public async Task A_revoked_grant_is_gone_at_the_next_look()
    {
        using var admin = App.AsAdministrator();
        using var gateway = App.AsGateway();
        var id = await AccountAsync("n01");
        var grant = (await admin.ShowAsync($"/api/accounts/{id}")).GetProperty("grants")[0].Text("id");

        await (await admin.SendAsync(HttpMethod.Delete, $"/api/accounts/{id}/grants/{grant}")).ReadAsync(HttpStatusCode.NoContent);

        Assert.Empty((await gateway.ShowAsync($"/internal/accounts/{id}/caller")).GetProperty("caller").GetProperty("grants").EnumerateArray());
        await (await admin.SendAsync(HttpMethod.Delete, $"/api/accounts/{id}/grants/{grant}")).RefusedAsync(HttpStatusCode.NotFound, "unknown-grant");
    }

    [Fact]
    public async Task A_grant_follows_its_unit_when_that_moves()
    {
        using var admin = App.AsAdministrator();
        using var gateway = App.AsGateway();

        await (await admin.PostAsync("/api/units/n01/move", new { parent = "south" })).ReadAsync();

        Assert.Equal("hq/south/n01/", (await gateway.ShowAsync($"/internal/accounts/{await AccountAsync("n01")}/caller")).GetProperty("caller").GetProperty("grants")[0].Text("path"));
    }

    [Fact]
    public async Task A_new_password_and_disabling_change_the_stamp()
    {
        using var admin = App.AsAdministrator();
        using var gateway = App.AsGateway();
        var id = await CreateAsync(admin, "stamp", "n01");
        var first = (await gateway.ShowAsync($"/internal/accounts/{id}/caller")).Text("stamp");

        await (await admin.PostAsync($"/api/accounts/{id}/password", new { password = "another horse battery" })).ReadAsync();
        var second = (await gateway.ShowAsync($"/internal/accounts/{id}/caller")).Text("stamp");
        await (await admin.PostAsync($"/api/accounts/{id}/disable", new { })).ReadAsync();
        await (await gateway.SendAsync(HttpMethod.Get, $"/internal/accounts/{id}/caller")).RefusedAsync(HttpStatusCode.Forbidden, "account-disabled");
        await (await admin.PostAsync($"/api/accounts/{id}/enable", new { })).ReadAsync();
        var third = (await gateway.ShowAsync($"/internal/accounts/{id}/caller")).Text("stamp");

        Assert.Equal(3, new[] { first, second, third }.Distinct().Count());
    }

    [Fact]
    public async Task Everyone_sees_and_keeps_the_own_account()
    {
        using var admin = App.AsAdministrator();
        var id = Guid.Parse(await CreateAsync(admin, "self", "n01"));
        using var self = App.As(new Caller(id, "Self", false, [new Grant(Roles.Branch, "hq/north/n01/"), new Grant(Roles.Auditor, "hq/south/")]));

        var me = await self.ShowAsync("/api/me");
        await (await self.PostAsync("/api/me/password", new { current = "wrong password!", password = "brand new password" })).RefusedAsync(HttpStatusCode.Forbidden, "sign-in-failed");
        await (await self.PostAsync("/api/me/password", new { current = Password, password = "short" })).RefusedAsync(HttpStatusCode.BadRequest, "password-refused");
        await (await self.PostAsync("/api/me/password", new { current = Password, password = "brand new password" })).ReadAsync(HttpStatusCode.NoContent);

        Assert.Equal(("self", "Self"), (me.Text("user"), me.Text("name")));
        Assert.Equal(["branch", "auditor"], me.GetProperty("roles").EnumerateArray().Select(role => role.GetString()));
        Assert.Equal("hq/south/", Assert.Single(me.GetProperty("permissions").GetProperty("audit.read").EnumerateArray()).GetString());
        await SignInAsync("self", "brand new password");
    }

    private async Task<JsonElement> SignInAsync(string user, string password)
    {
        using var gateway = App.AsGateway();
        return await (await gateway.PostAsync("/internal/sign-in", new { user, password })).ReadAsync();
    }

    private static async Task<string> CreateAsync(HttpClient admin, string user, string unit) =>
        (await (await admin.PostAsync("/api/accounts", new { user, name = user, unit, password = Password })).ReadAsync(HttpStatusCode.Created)).GetProperty("account").Text("id");

    private async Task<Guid> AccountAsync(string user)
    {
        using var admin = App.AsAdministrator();
        return (await admin.ShowAsync("/api/accounts")).GetProperty("items").EnumerateArray().Single(account => account.Text("user") == user).GetProperty("id").GetGuid();
    }
}

/// <summary>Passwords at the gateway's door (ORG-09).</summary>
public sealed class SignInTests(RealServers servers) : OrganisationTests(servers)
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 2, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public async Task Five_wrong_passwords_lock_the_account_also_for_the_right_one()
    {
        var password = App.Demo.Accounts.Single(account => account.User == "n01").Password;
        var founding = UnitsTests.Lines(await App.AuditAsync()).Count;
        for (var attempt = 0; attempt < 5; attempt++)
            await (await TryAsync("n01", "wrong password")).RefusedAsync(HttpStatusCode.Unauthorized, "sign-in-failed");

        await (await TryAsync("n01", password)).RefusedAsync(HttpStatusCode.Forbidden, "account-locked");

        Assert.Equal(["sign-in.failed", "sign-in.failed", "sign-in.failed", "sign-in.failed", "account.locked", "sign-in.refused"],
            UnitsTests.Lines(await App.AuditAsync()).Select(record => record.Text("action")).Skip(founding));
        await App.ExecuteAsync("update account set lockout_end = now() - interval '1 second' where user_name = 'n01'");
        await (await TryAsync("N01", password)).ReadAsync();
    }

    [Fact]
    public async Task Many_attempts_at_once_do_not_pass_the_limit()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => TryAsync("n01", "wrong password")));

        Assert.Equal(5, answers.Count(answer => answer.StatusCode == HttpStatusCode.Unauthorized));
        Assert.Equal(15, answers.Count(answer => answer.StatusCode == HttpStatusCode.Forbidden));
    }

    [Fact]
    public async Task An_unknown_name_gets_the_answer_of_a_wrong_password_and_is_not_recorded()
    {
        await (await TryAsync("my secret passphrase", "x")).RefusedAsync(HttpStatusCode.Unauthorized, "sign-in-failed");

        Assert.DoesNotContain("my secret passphrase", Encoding.UTF8.GetString(await App.AuditAsync()), StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task That_an_account_is_disabled_is_told_only_with_the_right_password()
    {
        await App.ExecuteAsync("update account set disabled = true where user_name = 'n01'");

        await (await TryAsync("n01", "wrong password")).RefusedAsync(HttpStatusCode.Unauthorized, "sign-in-failed");
        await (await TryAsync("n01", App.Demo.Accounts.Single(account => account.User == "n01").Password)).RefusedAsync(HttpStatusCode.Forbidden, "account-disabled");
    }

    [Fact]
    public async Task Only_the_gateway_asks()
    {
        using var admin = App.AsAdministrator();

        await (await admin.PostAsync("/internal/sign-in", new { user = "n01", password = "x" })).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
        await (await admin.PostAsync("/internal/keys/verify", new { key = "x" })).RefusedAsync(HttpStatusCode.Forbidden, "not-allowed");
    }

    [Fact]
    public void A_lock_ends_and_a_success_forgets_failures()
    {
        var rules = new SignInRules();
        var account = new Account { AccessFailedCount = 4 };

        Assert.Equal("account.locked", SignIn.Decide(account, right: false, rules, Noon).Action);
        Assert.Equal("account-locked", SignIn.Decide(account, right: true, rules, Noon.AddMinutes(14)).Outcome.Code);
        Assert.Equal("sign-in.succeeded", SignIn.Decide(account, right: true, rules, Noon.AddMinutes(15)).Action);
        Assert.Equal((0, null), (account.AccessFailedCount, account.LockoutEnd));
    }

    private async Task<HttpResponseMessage> TryAsync(string user, string password)
    {
        using var gateway = App.AsGateway();
        return await gateway.PostAsync("/internal/sign-in", new { user, password });
    }
}
