using System.Text;
using System.Text.Json;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring.UnitTests;

/// <summary>The message that every fact passes through (MON-05): its shape is a contract, its data are the sender's.</summary>
public sealed class FactsAcceptedJsonTests
{
    private const string Data = """{ "channel":"hall", "waitSeconds":1.50E2,"note":"排队 \u0041 \/" }""";

    private static readonly JsonSerializerOptions Web = new(JsonSerializerDefaults.Web);

    private static FactsAccepted Batch(Guid? key = null, string? trace = null) => new(
        new("0198a000-0000-7000-8000-000000000001"), key, trace, new(2026, 9, 1, 8, 0, 0, TimeSpan.Zero),
        [
            Fact("1", FactTypes.ServiceCompleted, "urn:a"), Fact("2", FactTypes.ServiceCompleted, "urn:a"), Fact("3", FactTypes.FaultOpened, "urn:b"),
        ]);

    private static AcceptedFact Fact(string id, string type, string source)
    {
        using var data = JsonDocument.Parse(Data);
        return new(new("0198a000-0000-7000-8000-000000000002"), source, id, type, new(2026, 9, 1, 15, 59, 58, 123, TimeSpan.FromHours(8)), data.RootElement.Clone());
    }

    [Fact]
    public void MON_05_The_shape_is_that_of_the_records()
    {
        var expected = """{"batch":"0198a000-0000-7000-8000-000000000001","key":null,"traceParent":null,"received":"2026-09-01T08:00:00+00:00","facts":["""
            + string.Join(',', new[] { ("1", "service.completed", "a"), ("2", "service.completed", "a"), ("3", "fault.opened", "b") }.Select(one =>
                $$"""{"unit":"0198a000-0000-7000-8000-000000000002","source":"urn:{{one.Item3}}","id":"{{one.Item1}}","type":"servicequality.{{one.Item2}}.v1","time":"2026-09-01T15:59:58.123+08:00","data":{{Data}}}"""))
            + "]}";

        Assert.Equal(expected, JsonSerializer.Serialize(Batch(), Web));
    }

    [Fact]
    public void MON_05_What_is_written_reads_as_the_same_and_data_arrive_byte_for_byte()
    {
        var batch = Batch(new("0198a000-0000-7000-8000-000000000003"), "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01");

        var read = JsonSerializer.Deserialize<FactsAccepted>(JsonSerializer.SerializeToUtf8Bytes(batch, Web), Web)!;

        Assert.Equal((batch.Batch, batch.Key, batch.TraceParent, batch.Received), (read.Batch, read.Key, read.TraceParent, read.Received));
        Assert.Equal(batch.Facts.Select(Told), read.Facts.Select(Told));
        Assert.All(read.Facts, fact => Assert.Equal(Data, Encoding.UTF8.GetString(System.Runtime.InteropServices.JsonMarshal.GetRawUtf8Value(fact.Data))));

        static object Told(AcceptedFact fact) => (fact.Unit, fact.Source, fact.Id, fact.Type, fact.Time, fact.Time.Offset);
    }

    [Fact]
    public void PLT_01_Members_that_are_new_to_the_reader_or_left_out_where_they_may_be_do_not_disturb_it()
    {
        var read = JsonSerializer.Deserialize<FactsAccepted>(
            """{"facts":[{"data":{},"later":[1],"time":"2026-09-01T08:00:00Z","type":"t","id":"1","source":"s","unit":"0198a000-0000-7000-8000-000000000002"}],"received":"2026-09-01T08:00:00Z","batch":"0198a000-0000-7000-8000-000000000001","more":{}}""", Web)!;

        Assert.Equal((null, null, 1), (read.Key, read.TraceParent, read.Facts.Count));
        Assert.Equal(("s", "t"), (read.Facts[0].Source, read.Facts[0].Type));
    }

    [Theory]
    [InlineData("""[]""")]
    [InlineData("""{}""")]
    [InlineData("""{"batch":"0198a000-0000-7000-8000-000000000001","received":"2026-09-01T08:00:00Z","facts":{}}""")]
    [InlineData("""{"batch":"x","received":"2026-09-01T08:00:00Z","facts":[]}""")]
    [InlineData("""{"batch":"0198a000-0000-7000-8000-000000000001","received":"2026-09-01T08:00:00Z","facts":[{"id":"1"}]}""")]
    [InlineData("""{"batch":"0198a000-0000-7000-8000-000000000001","received":"2026-09-01T08:00:00Z","facts":[{"unit":"0198a000-0000-7000-8000-000000000002","source":"s","id":null,"type":"t","time":"2026-09-01T08:00:00Z","data":{}}]}""")]
    public void MON_05_A_message_that_lacks_something_is_refused_and_not_half_read(string json) =>
        Assert.Throws<JsonException>(() => JsonSerializer.Deserialize<FactsAccepted>(json, Web));
}
