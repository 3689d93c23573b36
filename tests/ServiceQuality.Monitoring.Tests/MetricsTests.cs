using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Testing;

namespace ServiceQuality.Monitoring.Tests;

/// <summary>MON-05: OTLP metrics become measurements.</summary>
public sealed class MetricsTests(RealServers servers)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Gauges_and_sums_become_measurements_once()
    {
        await using var app = await MonitoringApp.StartAsync(await servers.CreateDatabaseAsync("monitoring"), broker: null);
        using var key = app.Key();
        var export = Export("n01-hall1", Metric("queue-length", "gauge", "\"asInt\":\"7\"", "desk"), Metric("paperless-share", "sum", "\"asDouble\":0.93", "desk"));

        var first = await PostAsync(key, export);
        var again = await PostAsync(key, export);

        Assert.Equal("{}", first);
        Assert.Equal("{}", again);
        Assert.Equal(2, app.Journal.Facts.Count);
        Assert.All(app.Journal.Facts.Values, fact => Assert.Equal((FactTypes.Measurement, MonitoringApp.Hall.Unit), (fact.Type, fact.Unit)));
        Assert.Equal([0.93, 7], app.Journal.Facts.Values.Select(fact => fact.Data.GetProperty("value").GetDouble()).Order());
    }

    [Fact]
    public async Task Points_of_other_attributes_are_other_facts()
    {
        await using var app = await MonitoringApp.StartAsync(await servers.CreateDatabaseAsync("monitoring"), broker: null);
        using var key = app.Key();

        await PostAsync(key, Export("n01-hall1", Metric("queue-length", "gauge", "\"asInt\":7", "left"), Metric("queue-length", "gauge", "\"asInt\":7", "right")));

        Assert.Equal(2, app.Journal.Facts.Count);
    }

    [Fact]
    public async Task What_cannot_be_taken_is_counted()
    {
        await using var app = await MonitoringApp.StartAsync(await servers.CreateDatabaseAsync("monitoring"), broker: null);
        using var key = app.Key();

        var answer = JsonDocument.Parse(await PostAsync(key, Export("s01-hall1", Metric("m", "gauge", "\"asDouble\":1", "d"), Metric("h", "histogram", "\"count\":\"1\"", "d")))).RootElement;

        Assert.Equal(2, answer.GetProperty("partialSuccess").GetProperty("rejectedDataPoints").GetInt32());
        Assert.Equal("foreign-unit: 1, unsupported-metric: 1", answer.GetProperty("partialSuccess").GetProperty("errorMessage").GetString());
        Assert.Empty(app.Journal.Facts);
    }

    [Theory]
    [InlineData("application/x-protobuf", "x", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("application/json", "{", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "[]", HttpStatusCode.BadRequest)]
    [InlineData("application/json", "{\"resourceMetrics\":[7]}", HttpStatusCode.BadRequest)]
    public async Task What_is_no_export_is_a_problem(string type, string body, HttpStatusCode expected)
    {
        await using var app = await MonitoringApp.StartAsync(await servers.CreateDatabaseAsync("monitoring"), broker: null);
        using var key = app.Key();

        using var response = await key.PostAsync("/v1/metrics", Events.Body(body, type), Token);

        Assert.Equal(expected, response.StatusCode);
        Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
    }

    private static async Task<string> PostAsync(HttpClient key, string export)
    {
        using var response = await key.PostAsync("/v1/metrics", Events.Body(export, "application/json"), Token);
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        return await response.Content.ReadAsStringAsync(Token);
    }

    private static readonly long Now = (TimeProvider.System.GetUtcNow() - DateTimeOffset.UnixEpoch).Ticks * 100;

    private static string Metric(string name, string kind, string value, string desk) =>
        $$$"""{"name":"{{{name}}}","unit":"1","{{{kind}}}":{"dataPoints":[{"timeUnixNano":"{{{Now}}}",{{{value}}},"attributes":[{"key":"desk","value":{"stringValue":"{{{desk}}}"}}]}]}}""";

    private static string Export(string unit, params string[] metrics) =>
        $$$"""{"resourceMetrics":[{"resource":{"attributes":[{"key":"service.name","value":{"stringValue":"queue"}},{"key":"servicequality.unit","value":{"stringValue":"{{{unit}}}"}}]},"scopeMetrics":[{"scope":{"name":"s"},"metrics":[{{{string.Join(',', metrics)}}}]}]}]}""";
}
