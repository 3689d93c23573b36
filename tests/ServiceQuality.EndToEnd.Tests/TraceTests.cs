using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ServiceQuality.Testing;

namespace ServiceQuality.EndToEnd;

/// <summary>One trace id leads from a branch's POST to the journal, and from a refusal back to its request (PLT-07).</summary>
[Collection("suite")]
public sealed class TraceTests(SuiteFixture fixture)
{
    private const string Source = "urn:test:trace";
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string TraceParent = $"00-{Trace}-00f067aa0ba902b7-01";

    [Fact]
    public async Task PLT_07_A_journal_row_names_the_trace_of_the_post_that_brought_it()
    {
        using var system = await fixture.KeyOfAsync("central");
        using var auditor = await fixture.SignInAsync("auditor");

        await system.AcceptedAsync([BranchSystem.Marker("c01-hall1", Source, "traced")], TraceParent);

        var row = await Eventually.Async(() => FindAsync(auditor, "c01-hall1", "traced"), found => found.ValueKind == JsonValueKind.Object, TimeSpan.FromSeconds(20));
        Assert.Equal(Trace, row.GetProperty("traceParent").GetString()!.Split('-')[1]);
        Assert.NotEqual(Guid.Empty, row.GetProperty("key").GetGuid());
        Assert.NotEqual(Guid.Empty, row.GetProperty("batch").GetGuid());
    }

    [Theory]
    [InlineData("/api/scores/n01", HttpStatusCode.Unauthorized)]
    [InlineData("/api/no-such-thing", HttpStatusCode.NotFound)]
    public async Task PLT_07_A_refusal_of_the_gateway_carries_the_trace_of_its_request(string path, HttpStatusCode expected)
    {
        using var nobody = new HttpClient { BaseAddress = new Uri(fixture.Suite.Address) };
        await RefusedAsync(nobody, HttpMethod.Get, path, expected);
    }

    [Fact]
    public async Task PLT_07_A_refusal_of_a_service_carries_the_trace_of_its_request()
    {
        using var region = await fixture.SignInAsync("region");
        await RefusedAsync(region, HttpMethod.Get, "/api/scores/s01", HttpStatusCode.Forbidden);
        await RefusedAsync(region, HttpMethod.Get, "/api/scores/north?period=never", HttpStatusCode.BadRequest);
    }

    private static async Task RefusedAsync(HttpClient client, HttpMethod method, string path, HttpStatusCode expected)
    {
        using var request = new HttpRequestMessage(method, path);
        request.Headers.Add("traceparent", TraceParent);
        request.Headers.Accept.ParseAdd("application/json");
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);

        Assert.True(answer.StatusCode == expected, $"{answer.StatusCode}: {text}");
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(Trace, JsonDocument.Parse(text).RootElement.GetProperty("traceId").GetString());
        Assert.Equal(Trace, Assert.Single(answer.Headers.GetValues("X-Request-Id")));
    }

    private static async Task<JsonElement> FindAsync(HttpClient client, string unit, string id)
    {
        for (var after = 0L; ;)
        {
            var page = await client.GetFromJsonAsync<JsonElement>($"/api/journal/{unit}?limit=1000&after={after}");
            if (page.GetProperty("items").EnumerateArray().FirstOrDefault(row => row.GetProperty("source").GetString() == Source && row.GetProperty("id").GetString() == id) is { ValueKind: JsonValueKind.Object } found)
                return found;
            if (page.GetProperty("next").ValueKind == JsonValueKind.Null)
                return default;
            after = page.GetProperty("next").GetInt64();
        }
    }
}
