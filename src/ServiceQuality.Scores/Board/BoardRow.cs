using System.Text.Json;
using ServiceQuality.Scores.Scores;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Board;

/// <summary>What a unit scored a day ago.</summary>
internal sealed record DayBefore(double Score, Interval? Interval);

/// <summary>One unit on the board: never changes, is replaced when the unit's score is computed again.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="Score">Its score.</param>
/// <param name="Merged">What it was computed from: the unit's own facts and those below; null when there are none of either.</param>
/// <param name="Own">The unit's own part of it.</param>
/// <param name="Seq">Journal position, summed over a roll-up.</param>
/// <param name="OwnSeq">Position of the unit's own journal; 0 for a unit that only rolls up others.</param>
/// <param name="Newest">Newest event time.</param>
/// <param name="Received">Newest received.</param>
/// <param name="Before">A day ago; null when there was no score.</param>
/// <param name="Trend">Earlier scores, oldest first.</param>
/// <param name="AsOf">When it was computed.</param>
internal sealed record BoardRow(
    OrgUnit Unit, Score Score, Readings? Merged, Readings? Own, long Seq, long OwnSeq, DateTimeOffset? Newest, DateTimeOffset? Received, DayBefore? Before, IReadOnlyList<double?> Trend, DateTimeOffset AsOf)
{
    private byte[]? _json;
    private byte[]? _jsonWithIndicators;

    /// <summary>Whether anything happened in the window, here or below.</summary>
    public bool HasFacts => Merged is { Facts: > 0 };

    /// <summary>Whether time alone has made the row say something untrue about its freshness.</summary>
    public bool HasAged(DateTimeOffset now) => FreshnessView.Of(Newest, Received, now).State != FreshnessView.Of(Newest, Received, AsOf).State;

    public double? Change24h => Score.Value - Before?.Score;

    /// <summary>Whether the change is more than noise: the 95 % intervals of now and then do not touch.</summary>
    public bool ChangeSignificant => Score.Interval is { } now && Before?.Interval is { } then && Change24h is not null and not 0 && (now.Low > then.High || now.High < then.Low);

    /// <summary>The same score seen against another past.</summary>
    public BoardRow With(DayBefore? before, IReadOnlyList<double?> trend) => this with { Before = before, Trend = trend, _json = null, _jsonWithIndicators = null };

    /// <summary>The row as UTF-8 JSON, written once and then kept.</summary>
    public byte[] Json(bool withIndicators) => withIndicators ? _jsonWithIndicators ??= Write(withIndicators: true) : _json ??= Write(withIndicators: false);

    /// <summary>The event of the live stream.</summary>
    public byte[] Event()
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, ScoreJson.Writer))
        {
            json.WriteStartObject();
            json.WriteString("unit", Unit.Id);
            json.WriteString("code", Unit.Code);
            WriteScore(json);
            json.WriteString("asOf", AsOf);
            json.WriteNumber("seq", Seq);
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private byte[] Write(bool withIndicators)
    {
        using var buffer = new MemoryStream(2_048);
        using (var json = new Utf8JsonWriter(buffer, ScoreJson.Writer))
        {
            json.WriteStartObject();
            WriteUnit(json);
            WriteScore(json);
            json.WriteBoolean("changeSignificant", ChangeSignificant);
            json.WriteStartArray("trend");
            foreach (var point in Trend)
                Number(json, point, 2);
            Number(json, Score.Value, 2);
            json.WriteEndArray();
            WriteFreshness(json);
            json.WriteStartArray("families");
            foreach (var family in Score.Families)
            {
                json.WriteStartObject();
                json.WriteString("code", family.Family.Code);
                json.WritePropertyName("points");
                Number(json, family.Points, 3);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            if (withIndicators)
                WriteIndicators(json);
            json.WriteStartObject("position");
            json.WriteNumber("seq", Seq);
            Time(json, "received", Received);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private void WriteUnit(Utf8JsonWriter json)
    {
        json.WriteStartObject("unit");
        json.WriteString("id", Unit.Id);
        json.WriteString("code", Unit.Code);
        json.WriteStartObject("name");
        json.WriteString("zh", Unit.NameZh);
        json.WriteString("en", Unit.NameEn);
        json.WriteEndObject();
        json.WriteString("kind", Unit.Kind);
        json.WriteString("path", Unit.Path);
        if (Unit.Parent is { } parent)
            json.WriteString("parent", parent);
        else
            json.WriteNull("parent");
        json.WriteEndObject();
    }

    private void WriteScore(Utf8JsonWriter json)
    {
        json.WritePropertyName("score");
        Number(json, Score.Value, 6);
        if (Score.Interval is { } interval)
        {
            json.WriteStartObject("interval");
            json.WriteNumber("low", Math.Round(interval.Low, 6));
            json.WriteNumber("high", Math.Round(interval.High, 6));
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("interval");
        }
        if (Score.Grade is { } grade)
        {
            json.WriteStartObject("grade");
            json.WriteString("code", grade.Code);
            json.WriteStartObject("name");
            json.WriteString("zh", grade.Name.Zh);
            json.WriteString("en", grade.Name.En);
            json.WriteEndObject();
            json.WriteEndObject();
        }
        else
        {
            json.WriteNull("grade");
        }
        json.WriteNumber("coverage", Math.Round(Score.Coverage, 6));
        json.WritePropertyName("change24h");
        Number(json, Change24h, 6);
    }

    private void WriteFreshness(Utf8JsonWriter json)
    {
        var freshness = FreshnessView.Of(Newest, Received, AsOf);
        json.WriteStartObject("freshness");
        Time(json, "newest", freshness.Newest);
        Time(json, "received", freshness.Received);
        json.WriteString("state", freshness.State);
        json.WriteEndObject();
    }

    private void WriteIndicators(Utf8JsonWriter json)
    {
        json.WriteStartArray("indicators");
        foreach (var leaf in Score.Leaves)
        {
            json.WriteStartObject();
            json.WriteString("code", leaf.Indicator.Code);
            json.WritePropertyName("value");
            Number(json, leaf.Value, 6);
            json.WriteNumber("sample", leaf.Sample);
            json.WritePropertyName("points");
            Number(json, leaf.Points, 3);
            json.WriteEndObject();
        }
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, double? value, int digits)
    {
        if (value is { } number)
            json.WriteNumberValue(Math.Round(number, digits));
        else
            json.WriteNullValue();
    }

    private static void Time(Utf8JsonWriter json, string name, DateTimeOffset? time)
    {
        if (time is { } moment)
            json.WriteString(name, moment);
        else
            json.WriteNull(name);
    }
}
