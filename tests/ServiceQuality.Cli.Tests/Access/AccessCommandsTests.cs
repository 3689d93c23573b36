using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;

namespace ServiceQuality.Cli.Tests.Access;

public sealed class AccessCommandsTests : IDisposable
{
    private readonly Sq sq = new();
    private readonly List<string> log = [];

    public void Dispose() => sq.Dispose();

    private Task<FakeSuite> SuiteAsync() => FakeSuite.StartAsync(app =>
    {
        app.MapPost("/api/sign-in", async (HttpContext context) =>
        {
            var asked = await context.Request.ReadFromJsonAsync<JsonElement>();
            return asked.GetProperty("password").GetString() == "secret"
                ? Results.Json(new { accessToken = "first", expiresIn = 600, refreshToken = "again" })
                : Results.Json(new { type = "urn:service-quality:not-signed-in", detail = "Name or password is wrong." }, statusCode: 401);
        });
        app.MapPost("/api/refresh", () => Results.Json(new { accessToken = "second", expiresIn = 600, refreshToken = "once more" }));
        app.MapPost("/api/sign-out", (HttpContext context) => { log.Add("sign-out " + context.Request.Headers.Authorization); return Results.NoContent(); });
        app.MapGet("/api/keys", (HttpContext context) =>
        {
            log.Add("keys " + context.Request.Headers.Authorization);
            return Results.Text("""{"items":[{"id":"019a9f00-0000-7000-8000-000000000001","name":"queue","path":"hq/north/","state":"active","createdAt":"2026-11-20T01:02:03Z","lastUsedAt":null,"formerUntil":null}],"next":null}""", "application/json");
        });
        app.MapPost("/api/keys", async (HttpContext context) =>
        {
            var asked = await context.Request.ReadFromJsonAsync<JsonElement>();
            log.Add($"create {asked.GetProperty("unit")} {asked.GetProperty("name")}");
            return Results.Json(new { details = new { id = "019a9f00-0000-7000-8000-000000000002", name = "queue", path = "hq/north/" }, key = "sq_text" }, statusCode: 201);
        });
        app.MapPost("/api/keys/{id:guid}/rotate", async (Guid id, HttpContext context) =>
        {
            log.Add("rotate " + (await context.Request.ReadFromJsonAsync<JsonElement>()).GetProperty("until").ValueKind);
            return Results.Json(new { details = new { id, name = "queue", path = "hq/north/" }, key = "sq_other" });
        });
        app.MapDelete("/api/keys/{id:guid}", (Guid id) => id == Guid.Parse("019a9f00-0000-7000-8000-000000000001")
            ? Results.NoContent()
            : Results.Json(new { type = "urn:service-quality:unknown-key", detail = "There is no such key." }, statusCode: 404));
    });

    [Fact]
    public async Task A_sign_in_is_kept_for_its_owner_only_renewed_when_it_runs_out_and_forgotten()
    {
        await using var suite = await SuiteAsync();
        sq["SQ_PASSWORD"] = "secret";

        var signedIn = await sq.RunAsync("sign-in", "--url", suite.Url, "--user", "director");
        var session = Path.Combine(sq.Folder, "config", "service-quality", "session.json");

        Assert.Equal(ExitCodes.Done, signedIn.Code);
        Assert.DoesNotContain("first", signedIn.Output, StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(session));
        Assert.DoesNotContain("secret", await File.ReadAllTextAsync(session, TestContext.Current.CancellationToken), StringComparison.Ordinal);

        await sq.RunAsync("keys", "list");
        sq.Clock = new StoppedClock(TimeProvider.System.GetUtcNow().AddMinutes(9.8));
        await sq.RunAsync("keys", "list");
        await sq.RunAsync("sign-out");

        Assert.Equal(["keys Bearer first", "keys Bearer second", "sign-out Bearer second"], log);
        Assert.False(File.Exists(session));
        Assert.Equal(ExitCodes.NotAllowed, (await sq.RunAsync("keys", "list", "--url", suite.Url)).Code);
    }

    [Fact]
    public async Task A_wrong_password_is_not_allowed_and_nothing_is_kept()
    {
        await using var suite = await SuiteAsync();
        sq.Input = "guess\n";

        var ran = await sq.RunAsync("sign-in", "--url", suite.Url, "--user", "director", "--password-file", "-");

        Assert.Equal((ExitCodes.NotAllowed, ""), (ran.Code, ran.Output));
        Assert.DoesNotContain("guess", ran.Error, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Path.Combine(sq.Folder, "config")));
    }

    [Fact]
    public async Task Keys_are_listed_issued_rotated_and_revoked_and_their_text_stands_alone_on_standard_output()
    {
        await using var suite = await SuiteAsync();
        sq["SQ_URL"] = suite.Url;
        sq["SQ_TOKEN"] = "token";

        var list = await sq.RunAsync("keys", "list");
        var created = await sq.RunAsync("keys", "create", "--unit", "north", "--name", "queue");
        var rotated = await sq.RunAsync("keys", "rotate", "019a9f00-0000-7000-8000-000000000002", "--now");
        var revoked = await sq.RunAsync("keys", "revoke", "019a9f00-0000-7000-8000-000000000001");
        var unknown = await sq.RunAsync("keys", "revoke", "019a9f00-0000-7000-8000-000000000009");

        Assert.Contains("hq/north/", list.Output, StringComparison.Ordinal);
        Assert.Contains("2026-11-20 01:02Z", list.Output, StringComparison.Ordinal);
        Assert.Equal("sq_text", created.Output.Trim());
        Assert.Contains("019a9f00-0000-7000-8000-000000000002", created.Error, StringComparison.Ordinal);
        Assert.Equal("sq_other", rotated.Output.Trim());
        Assert.Equal(["keys Bearer token", "create north queue", "rotate String"], log);
        Assert.Equal((ExitCodes.Done, ExitCodes.Refused), (revoked.Code, unknown.Code));
        Assert.Contains("unknown-key: There is no such key.", unknown.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_command_has_help_with_examples_and_exit_codes()
    {
        foreach (var command in new[] { "import", "simulate", "score", "replay", "verify", "units", "sign-in", "sign-out", "keys list", "keys create", "keys rotate", "keys revoke" })
        {
            var ran = await sq.RunAsync([.. command.Split(' '), "--help"]);

            Assert.Equal(ExitCodes.Done, ran.Code);
            Assert.Contains("Examples:\n  sq " + command, ran.Output.ReplaceLineEndings("\n").Replace("  SQ_PASSWORD=... sq", "  sq", StringComparison.Ordinal), StringComparison.Ordinal);
            Assert.Contains("Exit codes:", ran.Output, StringComparison.Ordinal);
        }
    }
}
