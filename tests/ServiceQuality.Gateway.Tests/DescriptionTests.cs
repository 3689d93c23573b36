using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Text.RegularExpressions;
using ServiceQuality.Testing;

namespace ServiceQuality.Gateway.Tests;

public sealed partial class DescriptionTests(RealPostgres servers) : InWorld(servers)
{
    [Fact]
    public async Task All_documents_are_in_one_place_and_open_to_anyone()
    {
        using var client = World.Client();
        var links = await client.GetFromJsonAsync<JsonElement>("/openapi/index.json", Ct);
        Assert.Equal(["organisation", "monitoring", "scores", "gateway"], links.EnumerateArray().Select(link => link.GetProperty("service").GetString()));
        foreach (var link in links.EnumerateArray())
        {
            using var answer = await client.GetAsync(link.GetProperty("document").GetString(), Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }

        Assert.Equal(1, World.Scores.Count("GET /openapi/scores.json"));
        var own = await client.GetFromJsonAsync<JsonElement>("/openapi/gateway.json", Ct);
        Assert.Equal(["/api/messages/failed", "/api/refresh", "/api/sign-in", "/api/sign-out"], own.GetProperty("paths").EnumerateObject().Select(path => path.Name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task The_page_names_only_files_that_exist_and_no_inline_script_or_style()
    {
        using var client = World.Client();
        var page = await client.GetStringAsync("/openapi", Ct);
        Assert.DoesNotContain(" style=", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<style", page, StringComparison.Ordinal);
        Assert.DoesNotMatch(@"<script(?![^>]*\bsrc=)", page);
        var files = Files().Matches(page).Select(match => match.Groups["file"].Value).ToList();
        Assert.NotEmpty(files);
        foreach (var file in files)
        {
            using var answer = await client.GetAsync(file, Ct);
            Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        }
    }

    [GeneratedRegex("(?:src|href)=\"(?<file>[^\"]+)\"", RegexOptions.NonBacktracking | RegexOptions.ExplicitCapture)]
    private static partial Regex Files();
}

public sealed class TrustedProxyTests(RealPostgres servers)
{
    [Theory]
    [InlineData("127.0.0.0/8", true)]
    [InlineData("10.0.0.0/8", false)]
    [InlineData("", false)]
    public async Task Forwarding_headers_are_believed_from_trusted_networks_only(string trusted, bool believed)
    {
        await using var world = await World.StartAsync(servers, ("Gateway:TrustedProxies", trusted));
        using var client = world.Client();
        client.DefaultRequestHeaders.Add("X-Forwarded-Proto", "https");
        client.DefaultRequestHeaders.Add("X-Forwarded-For", "203.0.113.9");
        using var answer = await client.GetAsync("/sign-in", TestContext.Current.CancellationToken);
        var echo = await answer.EchoAsync();
        Assert.Equal(believed, answer.Headers.Contains("Strict-Transport-Security"));
        Assert.Equal(believed ? "https" : "http", echo.Headers["X-Forwarded-Proto"]);
        Assert.Equal(believed ? "203.0.113.9" : "127.0.0.1", echo.Headers["X-Forwarded-For"]);
    }
}
