using System.IO.Compression;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using ServiceQuality.Access;
using ServiceQuality.Contracts.Facts;
using ServiceQuality.Testing;

namespace ServiceQuality.Monitoring.Tests;

/// <summary>MON-05: what a branch system may send and what it is told.</summary>
public sealed class TelemetryTests(RealServers servers) : IAsyncLifetime
{
    private MonitoringApp _app = null!;
    private HttpClient _key = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = await MonitoringApp.StartAsync(await servers.CreateDatabaseAsync("monitoring"), broker: null);
        _key = _app.Key();
    }

    public async ValueTask DisposeAsync()
    {
        _key.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task A_batch_reaches_the_score_tier_as_one_message()
    {
        var answer = await _key.TakeAsync(Events.Of("one", time: "2026-11-01T08:00:00.1234567+08:00"), Events.Of("two"));

        Assert.Equal((2, 0, 0, 0), Counts(answer));
        var batch = Assert.Single(_app.Journal.Batches);
        Assert.Equal(answer.GetProperty("batch").GetGuid(), batch.Batch);
        Assert.Equal(["one", "two"], batch.Facts.Select(fact => fact.Id));
        var fact = batch.Facts[0];
        Assert.Equal(MonitoringApp.Hall.Unit, fact.Unit);
        Assert.Equal(FactTypes.ServiceCompleted, fact.Type);
        Assert.Equal(new DateTimeOffset(2026, 11, 1, 0, 0, 0, 123, 456, TimeSpan.Zero), fact.Time);
        Assert.Equal(120, fact.Data.GetProperty("waitSeconds").GetInt32());
        Assert.NotNull(batch.Key);
        Assert.NotNull(batch.TraceParent);
    }

    [Fact]
    public async Task An_empty_batch_is_fine()
    {
        Assert.Equal((0, 0, 0, 0), Counts(await _key.TakeAsync()));
        Assert.Empty(_app.Journal.Batches);
    }

    [Fact]
    public async Task A_structured_event_is_taken()
    {
        using var response = await _key.PostAsync("/api/telemetry", Events.Body(Events.Of("structured"), "application/cloudevents+json; charset=utf-8"), Token);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Contains(_app.Journal.Facts, fact => fact.Key.Id == "structured");
    }

    [Fact]
    public async Task A_binary_event_is_the_same_fact_as_its_structured_form()
    {
        var time = Events.Now();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/telemetry") { Content = Events.Body(Events.Service, "application/json") };
        foreach (var (name, value) in new[] { ("specversion", "1.0"), ("id", "binary"), ("source", "/hall/%E9%98%9F%E5%88%97"), ("type", FactTypes.ServiceCompleted), ("subject", "n01-hall1"), ("time", time) })
            request.Headers.Add("ce-" + name, value);
        using var response = await _key.SendAsync(request, Token);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Contains(_app.Journal.Facts, fact => fact.Key == ("/hall/队列", "binary"));
        Assert.Equal((0, 1, 0, 1), Counts(await _key.TakeAsync(Events.Of("binary", source: "/hall/队列", time: time))));
    }

    [Theory]
    [InlineData("unknown-unit", "/subject", "subject", "\"nowhere\"")]
    [InlineData("foreign-unit", "/subject", "subject", "\"s01-hall1\"")]
    [InlineData("foreign-unit", "/subject", "subject", "\"hq\"")]
    [InlineData("closed-unit", "/subject", "subject", "\"n01-hall9\"")]
    [InlineData("planned-unit", "/subject", "subject", "\"n01-hall8\"")]
    [InlineData("missing-attribute", "/subject", "subject", null)]
    [InlineData("missing-attribute", "/specversion", "specversion", null)]
    [InlineData("bad-specversion", "/specversion", "specversion", "\"0.3\"")]
    [InlineData("missing-attribute", "/id", "id", "\"\"")]
    [InlineData("malformed", "/id", "id", "7")]
    [InlineData("missing-attribute", "/source", "source", null)]
    [InlineData("missing-attribute", "/type", "type", null)]
    [InlineData("unknown-type", "/type", "type", "\"servicequality.weather.v1\"")]
    [InlineData("domain-type", "/type", "type", "\"servicequality.inspection.scored.v1\"")]
    [InlineData("domain-type", "/type", "type", "\"servicequality.complaint.closed.v1\"")]
    [InlineData("domain-type", "/type", "type", "\"servicequality.training.coverage.v1\"")]
    [InlineData("domain-type", "/type", "type", "\"servicequality.risk.event.v1\"")]
    [InlineData("missing-attribute", "/time", "time", null)]
    [InlineData("malformed", "/time", "time", "\"yesterday\"")]
    [InlineData("malformed", "/time", "time", "\"2026-11-01T08:00:00\"")]
    [InlineData("malformed", "/time", "time", "\"2026-11-01\"")]
    [InlineData("missing-attribute", "/data", "data", null)]
    [InlineData("malformed", "/data", "data", "[]")]
    [InlineData("malformed", "/data_base64", "data_base64", "\"e30=\"")]
    [InlineData("malformed", "/datacontenttype", "datacontenttype", "\"text/xml\"")]
    [InlineData("malformed", "", "id", "\"a\\u0000b\"")]
    [InlineData("malformed", "", "note", "{\"deep\":[\"\\ud800\"]}")]
    public async Task A_bad_attribute_has_its_own_code_and_spoils_nothing_else(string code, string field, string attribute, string? value)
    {
        var answer = await _key.TakeAsync(Events.Of(), With(Events.Of(), attribute, value), Events.Of());

        Assert.Equal((2, 0, 1, 1), Counts(answer));
        Assert.Equal((1, "rejected", code, field), Item(answer));
        Assert.Equal(2, _app.Journal.Facts.Count);
    }

    [Theory]
    [InlineData("id")]
    [InlineData("source")]
    [InlineData("subject")]
    public async Task Attributes_have_a_longest_length(string attribute)
    {
        var answer = await _key.TakeAsync(With(Events.Of(), attribute, $"\"{new string('x', 257)}\""));

        Assert.Equal((0, "rejected", "too-long", "/" + attribute), Item(answer));
    }

    [Theory]
    [InlineData(6, "time-in-future", true)]
    [InlineData(-401 * 24 * 60, "older-than-horizon", false)]
    public async Task A_fact_of_the_future_or_of_long_ago_is_refused(int minutes, string code, bool retryable)
    {
        var answer = await _key.TakeAsync(Events.Of(time: Events.Now(TimeSpan.FromMinutes(minutes))));

        Assert.Equal((0, "rejected", code, "/time"), Item(answer));
        Assert.Equal(retryable, answer.GetProperty("items")[0].GetProperty("retryable").GetBoolean());
    }

    [Theory]
    [InlineData(4)]
    [InlineData(-399 * 24 * 60)]
    public async Task Clocks_may_differ_a_little_and_facts_may_be_late(int minutes) =>
        Assert.Equal((1, 0, 0, 0), Counts(await _key.TakeAsync(Events.Of(time: Events.Now(TimeSpan.FromMinutes(minutes))))));

    [Theory]
    [InlineData(FactTypes.ServiceCompleted, """{"channel":"hall","service":"card","outcome":"resolved"}""", null)]
    [InlineData(FactTypes.ServiceCompleted, """{"channel":"vip","service":"card","outcome":"abandoned","errors":2,"rating":null,"agent":null,"extra":{"shelf":[1,2]}}""", null)]
    [InlineData(FactTypes.ServiceCompleted, """{"channel":"Hall","service":"card","outcome":"resolved"}""", "/data/channel")]
    [InlineData(FactTypes.ServiceCompleted, """{"channel":"hall","service":"","outcome":"resolved"}""", "/data/service")]
    [InlineData(FactTypes.ServiceCompleted, """{"channel":"hall","service":"card"}""", "/data/outcome")]
    [InlineData(FactTypes.ServiceCompleted, """{"channel":"hall","service":"card","outcome":null}""", "/data/outcome")]
    [InlineData(FactTypes.ServiceCompleted, """{"channel":"hall","service":"card","outcome":"resolved","rating":6}""", "/data/rating")]
    [InlineData(FactTypes.ServiceCompleted, """{"channel":"hall","service":"card","outcome":"resolved","rating":4.0}""", "/data/rating")]
    [InlineData(FactTypes.ServiceCompleted, """{"channel":"hall","service":"card","outcome":"resolved","waitSeconds":-1}""", "/data/waitSeconds")]
    [InlineData(FactTypes.ServiceCompleted, """{"channel":"hall","service":"card","outcome":"resolved","waitSeconds":86401}""", "/data/waitSeconds")]
    [InlineData(FactTypes.ServiceCompleted, """{"channel":"hall","service":"card","outcome":"resolved","handleSeconds":604801}""", "/data/handleSeconds")]
    [InlineData(FactTypes.ServiceCompleted, """{"channel":"hall","service":"card","outcome":"resolved","errors":-1}""", "/data/errors")]
    [InlineData(FactTypes.FaultOpened, """{"asset":"queue machine","fault":"f1"}""", null)]
    [InlineData(FactTypes.FaultOpened, """{"asset":"queue machine"}""", "/data/fault")]
    [InlineData(FactTypes.FaultRestored, """{"asset":"queue machine","fault":"f1","cause":"paper"}""", null)]
    [InlineData(FactTypes.FaultRestored, """{"fault":"f1"}""", "/data/asset")]
    [InlineData(FactTypes.Measurement, """{"measure":"activation-success","value":0.99}""", null)]
    [InlineData(FactTypes.Measurement, """{"measure":"activation-success","value":"0.99"}""", "/data/value")]
    [InlineData(FactTypes.Measurement, """{"measure":"activation-success","value":1e400}""", "/data/value")]
    [InlineData(FactTypes.Measurement, """{"measure":"activation-success","value":1,"count":0}""", "/data/count")]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"csat","answers":{"q1":5}}""", null)]
    [InlineData(FactTypes.SurveyResponse, """{"answers":{"q1":10},"survey":"s","kind":"nps"}""", null)]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"csat","answers":{"a/b":6}}""", "/data/answers/a~1b")]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"csat"}""", "/data/answers")]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"csat","answers":{"q1":5},"group":"home","flags":["too-fast"]}""", null)]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"csat","answers":{"q1":5},"flags":["too-fast",""]}""", "/data/flags")]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"servqual","pairs":{"reliability":{"expectation":6.5,"perception":5},"empathy.attention":{"expectation":7,"perception":1}}}""", null)]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"servqual","pairs":{"price":{"expectation":6,"perception":5}}}""", "/data/pairs/price")]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"servqual","pairs":{"empathy":{"expectation":8,"perception":5}}}""", "/data/pairs/empathy")]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"servqual","pairs":{"empathy":{"expectation":6}}}""", "/data/pairs/empathy")]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"servqual","pairs":{}}""", "/data/pairs")]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"servqual"}""", "/data/pairs")]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"servqual","answers":{"q1":5},"pairs":{"empathy":{"expectation":6,"perception":5}}}""", "/data/answers")]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"nps","answers":{"q1":11}}""", "/data/answers/q1")]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"ces","answers":{"q1":8}}""", "/data/answers/q1")]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"ces","answers":{}}""", "/data/answers")]
    [InlineData(FactTypes.SurveyResponse, """{"survey":"s","kind":"other","answers":{"q1":1}}""", "/data/kind")]
    [InlineData(FactTypes.Deduction, """{"rule":"late-report","points":0.5,"reason":"late"}""", null)]
    [InlineData(FactTypes.Deduction, """{"rule":"late-report","points":0,"reason":"late"}""", "/data/points")]
    [InlineData(FactTypes.Bonus, """{"rule":"praise","points":1,"reason":"praised","order":"o1"}""", null)]
    [InlineData(FactTypes.Bonus, """{"rule":"praise","points":1}""", "/data/reason")]
    [InlineData(FactTypes.AdjustmentWithdrawn, """{"source":"/s","id":"i","reason":"appeal"}""", null)]
    [InlineData(FactTypes.AdjustmentWithdrawn, """{"source":"/s","reason":"appeal"}""", "/data/id")]
    public async Task Data_is_checked_by_fact_type_and_the_field_is_named(string type, string data, string? field)
    {
        var answer = await _key.TakeAsync(Events.Of(type: type, data: data));

        if (field is null)
            Assert.Equal((1, 0, 0, 0), Counts(answer));
        else
            Assert.Equal((0, "rejected", "malformed", field), Item(answer));
    }

    [Theory]
    [InlineData("hq/", true)]
    [InlineData("hq/north/", true)]
    [InlineData("hq/north/n01/", false)]
    [InlineData("hq/north/n01/n01-hall1/", false)]
    public async Task ORG_09_Nobody_gives_points_to_the_own_unit(string scope, bool may)
    {
        using var key = _app.Key(scope);

        var answer = await key.TakeAsync(Events.Of(type: FactTypes.Bonus, data: """{"rule":"praise","points":1,"reason":"praised"}"""));

        if (may)
            Assert.Equal((1, 0, 0, 0), Counts(answer));
        else
            Assert.Equal((0, "rejected", "adjustment-not-allowed", "/type"), Item(answer));
    }

    [Fact]
    public async Task A_time_whose_plus_sign_is_escaped_is_a_time() =>
        Assert.Equal((1, 0, 0, 0), Counts(await _key.TakeAsync(Events.Of(time: Events.Now().Replace("Z", "+00:00", StringComparison.Ordinal).Replace("+", "\\u002B", StringComparison.Ordinal)))));

    [Fact]
    public async Task An_item_that_is_no_event_is_malformed() => Assert.Equal((0, "rejected", "malformed", ""), Item(await _key.TakeAsync("7")));

    [Fact]
    public async Task The_same_event_again_is_a_duplicate_and_with_other_content_a_conflict()
    {
        var time = Events.Now();
        var first = Events.Of("again", time: time);
        await _key.TakeAsync(first);

        var answer = await _key.TakeAsync(first, Events.Of("fresh"), Events.Of("again", time: time, data: Events.Service.Replace("120", "121", StringComparison.Ordinal)));

        Assert.Equal((1, 1, 1, 2), Counts(answer));
        Assert.Equal((0, "duplicate", "duplicate", "/id"), Item(answer));
        Assert.Equal((2, "rejected", "conflict", "/id"), Item(answer, 1));
        Assert.Equal(["again", "fresh"], _app.Journal.Batches.SelectMany(batch => batch.Facts).Select(fact => fact.Id));
    }

    [Fact]
    public async Task Within_one_batch_the_first_of_a_pair_counts()
    {
        var time = Events.Now();

        var answer = await _key.TakeAsync(Events.Of("pair", time: time), Events.Of("pair", time: time), Events.Of("pair", time: time, subject: "n01-hall1", type: FactTypes.Measurement, data: """{"measure":"m","value":1}"""));

        Assert.Equal((1, 1, 1, 2), Counts(answer));
        Assert.Equal(["duplicate", "conflict"], answer.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("code").GetString()));
        Assert.Single(_app.Journal.Facts);
    }

    [Fact]
    public async Task A_unit_can_be_named_by_its_id() =>
        Assert.Equal((1, 0, 0, 0), Counts(await _key.TakeAsync(Events.Of(subject: MonitoringApp.Hall.Unit.ToString()))));

    [Fact]
    public async Task Gzip_is_unpacked()
    {
        using var response = await _key.PostAsync("/api/telemetry", Packed(Encoding.UTF8.GetBytes($"[{Events.Of("packed")}]")), Token);

        Assert.Equal(HttpStatusCode.Accepted, response.StatusCode);
        Assert.Contains(_app.Journal.Facts, fact => fact.Key.Id == "packed");
    }

    [Fact]
    public async Task What_swells_beyond_four_mebibytes_is_too_large_however_small_it_came()
    {
        var bomb = new byte[64 << 20];
        bomb.AsSpan().Fill((byte)' ');

        await RefusedAsync(await _key.PostAsync("/api/telemetry", Packed(bomb), Token), HttpStatusCode.RequestEntityTooLarge, "too-large");
        await RefusedAsync(await _key.PostAsync("/api/telemetry", Events.Body(bomb.AsSpan(0, (4 << 20) + 1).ToArray(), "application/cloudevents-batch+json"), Token), HttpStatusCode.RequestEntityTooLarge, "too-large");
    }

    [Fact]
    public async Task More_than_a_thousand_items_are_too_many()
    {
        Assert.Equal((1_000, 0, 0, 0), Counts(await _key.TakeAsync([.. Enumerable.Range(0, 1_000).Select(_ => Events.Of())])));
        await RefusedAsync(await _key.PostBatchAsync([.. Enumerable.Range(0, 1_001).Select(_ => Events.Of())]), HttpStatusCode.RequestEntityTooLarge, "too-many-items");
    }

    [Theory]
    [InlineData("text/plain", "x", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type")]
    [InlineData("application/json", "{}", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type")]
    [InlineData("application/cloudevents+xml", "<e/>", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type")]
    [InlineData("application/cloudevents-batch+json; charset=gbk", "[]", HttpStatusCode.UnsupportedMediaType, "unsupported-media-type")]
    [InlineData("application/cloudevents-batch+json", "[{", HttpStatusCode.BadRequest, "malformed-json")]
    [InlineData("application/cloudevents-batch+json", "{}", HttpStatusCode.BadRequest, "malformed-json")]
    [InlineData("application/cloudevents-batch+json", "", HttpStatusCode.BadRequest, "malformed-json")]
    [InlineData("application/cloudevents+json", "\u00ff", HttpStatusCode.BadRequest, "malformed-json")]
    public async Task A_request_that_is_wrong_as_a_whole_is_a_problem(string type, string body, HttpStatusCode status, string code) =>
        await RefusedAsync(await _key.PostAsync("/api/telemetry", Events.Body(Encoding.Latin1.GetBytes(body), type), Token), status, code);

    [Theory]
    [InlineData("br", "unsupported-encoding", HttpStatusCode.UnsupportedMediaType)]
    [InlineData("gzip", "malformed-gzip", HttpStatusCode.BadRequest)]
    public async Task An_encoding_that_cannot_be_unpacked_is_a_problem(string encoding, string code, HttpStatusCode status)
    {
        using var content = Events.Body("[]", "application/cloudevents-batch+json");
        content.Headers.ContentEncoding.Add(encoding);

        await RefusedAsync(await _key.PostAsync("/api/telemetry", content, Token), status, code);
    }

    [Fact]
    public async Task People_post_no_telemetry()
    {
        using var director = _app.As(Roles.HeadOffice, "hq/");
        using var stranger = new HttpClient { BaseAddress = new Uri(_app.Address) };

        await RefusedAsync(await director.PostBatchAsync(Events.Of()), HttpStatusCode.Forbidden, "not-allowed");
        await RefusedAsync(await stranger.PostBatchAsync(Events.Of()), HttpStatusCode.Unauthorized, "not-signed-in");
    }

    [Fact]
    public async Task The_status_tells_outcomes_freshness_and_lag_of_my_units()
    {
        using var everywhere = _app.Key("hq/");
        var time = Events.Now(TimeSpan.FromSeconds(-10));
        await everywhere.TakeAsync(Events.Of("s1", time: time), Events.Of("s1", time: time), Events.Of(subject: "s01-hall1"), Events.Of(subject: "nowhere"));

        using var region = _app.As(Roles.Region, "hq/north/");
        using var director = _app.As(Roles.HeadOffice, "hq/");
        await Eventually.Async(async () => Assert.Equal(2, (await StatusAsync(director)).GetProperty("accepted").GetInt64()));
        var (mine, all) = (await StatusAsync(region), await StatusAsync(director));

        Assert.Equal(1, mine.GetProperty("accepted").GetInt64());
        Assert.Equal(1, mine.GetProperty("duplicate").GetInt64());
        Assert.Empty(mine.GetProperty("rejected").EnumerateObject());
        Assert.Equal("n01-hall1", Assert.Single(mine.GetProperty("units").EnumerateArray()).GetProperty("code").GetString());
        Assert.Equal(1, all.GetProperty("rejected").GetProperty("unknown-unit").GetInt64());
        Assert.Equal(2, all.GetProperty("units").GetArrayLength());
        Assert.InRange(mine.GetProperty("lagP95Seconds").GetDouble(), 8, 40);
    }

    private static Task<JsonElement> StatusAsync(HttpClient caller) => caller.GetFromJsonAsync<JsonElement>("/api/telemetry/status", Token);

    private static async Task RefusedAsync(HttpResponseMessage response, HttpStatusCode status, string code)
    {
        using (response)
        {
            Assert.Equal(status, response.StatusCode);
            var problem = await response.Content.ReadFromJsonAsync<JsonElement>(Token);
            Assert.Equal($"urn:service-quality:{code}", problem.GetProperty("type").GetString());
            Assert.False(problem.GetProperty("retryable").GetBoolean());
        }
    }

    private static ByteArrayContent Packed(byte[] bytes)
    {
        using var packed = new MemoryStream();
        using (var gzip = new GZipStream(packed, CompressionLevel.Fastest))
            gzip.Write(bytes);
        var content = (ByteArrayContent)Events.Body(packed.ToArray(), "application/cloudevents-batch+json");
        content.Headers.ContentEncoding.Add("gzip");
        return content;
    }

    private static string With(string item, string attribute, string? value)
    {
        using var document = JsonDocument.Parse(item);
        var members = document.RootElement.EnumerateObject().Where(member => member.Name != attribute).Select(member => $"\"{member.Name}\":{member.Value.GetRawText()}").ToList();
        if (value is not null)
            members.Add($"\"{attribute}\":{value}");
        return $"{{{string.Join(',', members)}}}";
    }

    private static (int, int, int, int) Counts(JsonElement answer) =>
        (answer.GetProperty("accepted").GetInt32(), answer.GetProperty("duplicate").GetInt32(), answer.GetProperty("rejected").GetInt32(), answer.GetProperty("items").GetArrayLength());

    private static (int, string?, string?, string?) Item(JsonElement answer, int at = 0)
    {
        var item = answer.GetProperty("items")[at];
        return (item.GetProperty("index").GetInt32(), item.GetProperty("status").GetString(), item.GetProperty("code").GetString(), item.GetProperty("pointer").GetString());
    }
}
