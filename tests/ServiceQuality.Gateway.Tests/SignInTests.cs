using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json;
using ServiceQuality.Access;
using ServiceQuality.Testing;

namespace ServiceQuality.Gateway.Tests;

internal sealed record Tokens(string TokenType, string AccessToken, int ExpiresIn, string RefreshToken);

internal static class SignInSteps
{
    public static Task<HttpResponseMessage> SignInAsync(this HttpClient client, string user = "n01", string password = "right") =>
        client.PostAsJsonAsync("/api/sign-in", new { user, password }, TestContext.Current.CancellationToken);

    public static async Task<Tokens> TokensAsync(this HttpClient client)
    {
        using var answer = await client.SignInAsync();
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<Tokens>(TestContext.Current.CancellationToken))!;
    }

    public static async Task<HttpResponseMessage> GetWithAsync(this HttpClient client, string path, string accessToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        return await client.SendAsync(request, TestContext.Current.CancellationToken);
    }

    public static async Task<string> CodeAsync(this HttpResponseMessage answer)
    {
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        var problem = await answer.Content.ReadFromJsonAsync<JsonElement>(TestContext.Current.CancellationToken);
        Assert.Equal(32, problem.GetProperty("traceId").GetString()!.Length);
        return problem.GetProperty("type").GetString()!.Replace("urn:service-quality:", "", StringComparison.Ordinal);
    }

    public static async Task<Echo> EchoAsync(this HttpResponseMessage answer)
    {
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<Echo>(TestContext.Current.CancellationToken))!;
    }

    public static Caller? Caller(this Echo echo)
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(TestTickets.VerificationKeys);
        return Ticket.Verify(echo.Headers.GetValueOrDefault(Ticket.Header, ""), [key], TimeProvider.System.GetUtcNow());
    }
}

public sealed class SignInTests(RealPostgres servers) : InWorld(servers)
{
    [Fact]
    public async Task A_person_signs_in_and_services_see_a_ticket_and_nothing_else()
    {
        using var client = World.Client();
        var tokens = await client.TokensAsync();
        Assert.True(tokens.ExpiresIn is > 0 and <= 3600);

        client.DefaultRequestHeaders.Add("Cookie", "sq-lang=zh; sq-session=stolen");
        client.DefaultRequestHeaders.Add(Ticket.Header, "forged");
        using var answer = await client.GetWithAsync("/api/scores/n01?period=7d", tokens.AccessToken);
        var echo = await answer.EchoAsync();

        Assert.Equal("/api/scores/n01?period=7d", echo.Path);
        var caller = echo.Caller();
        Assert.NotNull(caller);
        Assert.Equal(Register.Person.Subject, caller.Subject);
        Assert.Equal(Register.Person.Grants, caller.Grants);
        Assert.DoesNotContain("Authorization", echo.Headers.Keys);
        Assert.Equal("sq-lang=zh", echo.Headers["Cookie"]);
        Assert.Equal(World.Address.Authority, echo.Headers["X-Forwarded-Host"]);
    }

    [Fact]
    public async Task A_wrong_password_is_401_and_the_code_of_organisation_is_told()
    {
        using var client = World.Client();
        using var wrong = await client.SignInAsync(password: "wrong");
        Assert.Equal(HttpStatusCode.Unauthorized, wrong.StatusCode);
        Assert.Equal("sign-in-failed", await wrong.CodeAsync());
        using var locked = await client.SignInAsync("locked", "right");
        Assert.Equal("account-locked", await locked.CodeAsync());
        using var empty = await client.PostAsJsonAsync("/api/sign-in", new { user = "", password = "" }, Ct);
        Assert.Equal(HttpStatusCode.BadRequest, empty.StatusCode);
    }

    [Fact]
    public async Task A_refresh_token_is_good_once_and_its_second_use_ends_the_session()
    {
        using var client = World.Client();
        var first = await client.TokensAsync();
        using var renewed = await client.PostAsJsonAsync("/api/refresh", new { first.RefreshToken }, Ct);
        Assert.Equal(HttpStatusCode.OK, renewed.StatusCode);
        var second = (await renewed.Content.ReadFromJsonAsync<Tokens>(Ct))!;
        using var good = await client.GetWithAsync("/api/me", second.AccessToken);
        Assert.Equal(HttpStatusCode.OK, good.StatusCode);

        using var again = await client.PostAsJsonAsync("/api/refresh", new { first.RefreshToken }, Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, again.StatusCode);
        Assert.Equal("session-ended", await again.CodeAsync());
        using var thief = await client.PostAsJsonAsync("/api/refresh", new { second.RefreshToken }, Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, thief.StatusCode);
        using var after = await client.GetWithAsync("/api/me", second.AccessToken);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
    }

    [Fact]
    public async Task Sign_out_ends_tokens()
    {
        using var client = World.Client();
        var tokens = await client.TokensAsync();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/sign-out");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", tokens.AccessToken);
        using var left = await client.SendAsync(request, Ct);
        Assert.Equal(HttpStatusCode.NoContent, left.StatusCode);

        using var after = await client.GetWithAsync("/api/me", tokens.AccessToken);
        Assert.Equal("session-ended", await after.CodeAsync());
        using var refresh = await client.PostAsJsonAsync("/api/refresh", new { tokens.RefreshToken }, Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, refresh.StatusCode);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_disabled_account_or_a_new_password_ends_every_session(bool disabled)
    {
        using var client = World.Client();
        var tokens = await client.TokensAsync();
        if (disabled)
            World.Register.Disabled = true;
        else
            World.Register.Stamp = "stamp-2";

        using var after = await client.GetWithAsync("/api/me", tokens.AccessToken);
        Assert.Equal(HttpStatusCode.Unauthorized, after.StatusCode);
        using var refresh = await client.PostAsJsonAsync("/api/refresh", new { tokens.RefreshToken }, Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, refresh.StatusCode);
    }

    [Fact]
    public async Task Changed_rights_reach_the_next_ticket()
    {
        using var client = World.Client();
        var tokens = await client.TokensAsync();
        World.Register.Account = Register.Person with { Grants = [new Grant(Roles.Auditor, "hq/")] };
        using var answer = await client.GetWithAsync("/api/me", tokens.AccessToken);
        Assert.Equal(Roles.Auditor, Assert.Single((await answer.EchoAsync()).Caller()!.Grants).Role);
    }

    [Fact]
    public async Task While_organisation_is_away_signed_in_people_go_on_and_nobody_signs_in()
    {
        using var client = World.Client();
        var tokens = await client.TokensAsync();
        World.Register.Away = true;

        using var goesOn = await client.GetWithAsync("/api/overview", tokens.AccessToken);
        Assert.Equal(Register.Person.Subject, (await goesOn.EchoAsync()).Caller()!.Subject);
        using var newcomer = await client.SignInAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, newcomer.StatusCode);
        Assert.Equal("temporarily-unavailable", await newcomer.CodeAsync());
        Assert.NotNull(newcomer.Headers.RetryAfter);
        using var refresh = await client.PostAsJsonAsync("/api/refresh", new { tokens.RefreshToken }, Ct);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refresh.StatusCode);

        World.Register.Away = false;
        using var later = await client.PostAsJsonAsync("/api/refresh", new { tokens.RefreshToken }, Ct);
        Assert.Equal(HttpStatusCode.OK, later.StatusCode);
    }

    [Fact]
    public async Task PLT_05_While_organisation_hangs_signed_in_people_read_within_two_seconds_and_mostly_at_once()
    {
        using var client = World.Client();
        var tokens = await client.TokensAsync();
        World.Register.Hangs = true;

        var waits = new List<TimeSpan>();
        var question = $"GET /internal/accounts/{Register.Person.Subject}/caller";
        // Until the gateway has asked in vain more than once.
        for (var asked = World.Organisation.Count(question); World.Organisation.Count(question) < asked + 4; await Task.Delay(20, Ct))
        {
            var waited = Stopwatch.StartNew();
            using var answer = await client.GetWithAsync("/api/overview", tokens.AccessToken);
            waits.Add(waited.Elapsed);
            Assert.Equal(Register.Person.Subject, (await answer.EchoAsync()).Caller()!.Subject);
        }

        // 1.5 s of patience; the rest is for a busy machine.
        Assert.All(waits, wait => Assert.InRange(wait, TimeSpan.Zero, TimeSpan.FromSeconds(3)));
        Assert.InRange(waits.Order().ElementAt(waits.Count / 2), TimeSpan.Zero, TimeSpan.FromSeconds(0.5));
    }

    [Fact]
    public async Task Two_gateways_take_each_others_tokens()
    {
        var other = await World.AddGatewayAsync();
        using var here = World.Client();
        using var there = World.Client(other);
        var tokens = await here.TokensAsync();
        using var answer = await there.GetWithAsync("/api/me", tokens.AccessToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        using var refresh = await there.PostAsJsonAsync("/api/refresh", new { tokens.RefreshToken }, Ct);
        var renewed = (await refresh.Content.ReadFromJsonAsync<Tokens>(Ct))!;
        using var back = await here.GetWithAsync("/api/me", renewed.AccessToken);
        Assert.Equal(HttpStatusCode.OK, back.StatusCode);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("")]
    public async Task A_made_up_token_is_401(string token)
    {
        using var client = World.Client();
        using var answer = await client.GetWithAsync("/api/me", token);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("not-signed-in", await answer.CodeAsync());
    }
}

public sealed class BrowserTests(RealPostgres servers) : InWorld(servers)
{
    private static FormUrlEncodedContent Form(string password = "right", string returnUrl = "/units/n01?period=7d", string keep = "") =>
        new(new Dictionary<string, string> { ["user"] = "n01", ["password"] = password, ["returnUrl"] = returnUrl, ["keep"] = keep });

    private static async Task<HttpResponseMessage> PostAsync(HttpClient browser, string path, HttpContent? content, string? site = "same-origin", string? origin = null)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = content };
        if (site is not null)
            request.Headers.Add("Sec-Fetch-Site", site);
        if (origin is not null)
            request.Headers.Add("Origin", origin);
        return await browser.SendAsync(request, Ct);
    }

    [Fact]
    public async Task A_page_leads_to_sign_in_and_back()
    {
        var cookies = new CookieContainer();
        using var browser = World.Browser(cookies);
        using var page = await browser.GetAsync("/units/n01?period=7d", Ct);
        Assert.Equal(HttpStatusCode.Redirect, page.StatusCode);
        Assert.Equal("/sign-in?returnUrl=%2Funits%2Fn01%3Fperiod%3D7d", page.Headers.Location!.ToString());
        using var form = await browser.GetAsync("/sign-in", Ct);
        Assert.Null((await form.EchoAsync()).Caller());

        using var signedIn = await PostAsync(browser, "/sign-in", Form());
        Assert.Equal(HttpStatusCode.Redirect, signedIn.StatusCode);
        Assert.Equal("/units/n01?period=7d", signedIn.Headers.Location!.ToString());
        var cookie = Assert.Single(signedIn.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("expires", cookie, StringComparison.OrdinalIgnoreCase);

        using var again = await browser.GetAsync("/units/n01?period=7d", Ct);
        var echo = await again.EchoAsync();
        Assert.Equal(Register.Person.Subject, echo.Caller()!.Subject);
        Assert.DoesNotContain("Cookie", echo.Headers.Keys);
    }

    [Fact]
    public async Task Keep_makes_the_cookie_outlive_the_browser()
    {
        using var browser = World.Browser(new CookieContainer());
        using var signedIn = await PostAsync(browser, "/sign-in", Form(keep: "on"));
        Assert.Contains("expires", Assert.Single(signedIn.Headers.GetValues("Set-Cookie")), StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("wrong", "same-origin", "/sign-in?error=sign-in-failed&returnUrl=%2Funits%2Fn01%3Fperiod%3D7d")]
    [InlineData("right", "cross-site", "/sign-in?error=cross-site&returnUrl=%2Funits%2Fn01%3Fperiod%3D7d")]
    public async Task A_refused_sign_in_goes_back_to_the_page_with_its_code(string password, string site, string location)
    {
        using var browser = World.Browser(new CookieContainer());
        using var refused = await PostAsync(browser, "/sign-in", Form(password), site);
        Assert.Equal(location, refused.Headers.Location!.ToString());
        Assert.False(refused.Headers.Contains("Set-Cookie"));
    }

    [Theory]
    [InlineData("https://evil.example/")]
    [InlineData("//evil.example/")]
    [InlineData("/\\evil.example/")]
    [InlineData("/sign-in")]
    public async Task Sign_in_never_leads_elsewhere(string returnUrl)
    {
        using var browser = World.Browser(new CookieContainer());
        using var signedIn = await PostAsync(browser, "/sign-in", Form(returnUrl: returnUrl));
        Assert.Equal("/", signedIn.Headers.Location!.ToString());
    }

    [Fact]
    public async Task A_change_with_a_cookie_must_come_from_our_own_pages()
    {
        var cookies = new CookieContainer();
        using var browser = World.Browser(cookies);
        using var signedIn = await PostAsync(browser, "/sign-in", Form());

        using var foreign = await PostAsync(browser, "/api/units", null, "cross-site");
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        Assert.Equal("cross-site", await foreign.CodeAsync());
        using var sibling = await PostAsync(browser, "/api/units", null, "same-site");
        Assert.Equal(HttpStatusCode.Forbidden, sibling.StatusCode);
        using var unmarked = await PostAsync(browser, "/api/units", null, site: null);
        Assert.Equal(HttpStatusCode.Forbidden, unmarked.StatusCode);
        using var otherOrigin = await PostAsync(browser, "/api/units", null, site: null, origin: "http://evil.example");
        Assert.Equal(HttpStatusCode.Forbidden, otherOrigin.StatusCode);
        Assert.Equal(0, World.Organisation.Count("POST /api/units"));

        using var ownOrigin = await PostAsync(browser, "/api/units", null, site: null, origin: World.Address.GetLeftPart(UriPartial.Authority));
        Assert.Equal(HttpStatusCode.OK, ownOrigin.StatusCode);
        using var own = await PostAsync(browser, "/api/units", null);
        Assert.Equal(HttpStatusCode.OK, own.StatusCode);
    }

    [Fact]
    public async Task Sign_out_ends_the_cookie_even_where_it_was_copied()
    {
        var cookies = new CookieContainer();
        using var browser = World.Browser(cookies);
        using var signedIn = await PostAsync(browser, "/sign-in", Form());
        var copied = cookies.GetCookieHeader(World.Address);
        using var foreign = await PostAsync(browser, "/sign-out", null, "cross-site");
        Assert.Equal(HttpStatusCode.Forbidden, foreign.StatusCode);
        using var left = await PostAsync(browser, "/sign-out", null);
        Assert.Equal("/sign-in", left.Headers.Location!.ToString());

        using var thief = World.Client();
        thief.DefaultRequestHeaders.Add("Cookie", copied);
        using var answer = await thief.GetAsync("/api/overview", Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    public async Task A_part_of_a_page_is_told_to_load_the_sign_in_page()
    {
        using var browser = World.Browser(new CookieContainer());
        browser.DefaultRequestHeaders.Add("HX-Request", "true");
        browser.DefaultRequestHeaders.Add("HX-Current-URL", new Uri(World.Address, "/units/n01").ToString());
        using var answer = await browser.GetAsync("/units/n01/facts", Ct);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("/sign-in?returnUrl=%2Funits%2Fn01", Assert.Single(answer.Headers.GetValues("HX-Redirect")));
    }
}
