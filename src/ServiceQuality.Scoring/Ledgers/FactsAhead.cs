using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>Facts whose time is ahead of the watermark, in the order of their times, until the watermark passes them.</summary>
internal sealed class FactsAhead
{
    private readonly List<Fact> facts = [];

    /// <summary>Whether one of them has come to pass by then.</summary>
    public bool AnyUpTo(long moment) => facts.Count > 0 && facts[0].Time.UtcTicks <= moment;

    public void Add(in Fact fact)
    {
        var time = fact.Time.UtcTicks;
        var at = facts.Count;
        while (at > 0 && facts[at - 1].Time.UtcTicks > time)
            at--;
        facts.Insert(at, fact);
    }

    /// <summary>Takes out those that have come to pass by then, earliest first.</summary>
    public IReadOnlyList<Fact> TakeUpTo(long moment)
    {
        if (!AnyUpTo(moment))
            return [];
        var due = facts.FindIndex(fact => fact.Time.UtcTicks > moment) is var next and >= 0 ? facts[..next] : [.. facts];
        facts.RemoveRange(0, due.Count);
        return due;
    }

    public void Save(PackedWriter writer)
    {
        writer.Unsigned((ulong)facts.Count);
        foreach (var fact in facts)
        {
            writer.Long(fact.Seq);
            writer.Text(fact.Source);
            writer.Text(fact.Id);
            writer.Long(fact.Time.UtcTicks);
            writer.Long(fact.Received.UtcTicks);
            writer.Text(FactReader.TypeOf(fact.Data));
            var json = FactReader.Write(fact.Data);
            writer.Unsigned((ulong)json.Length);
            writer.Bytes(json);
        }
    }

    public void Load(ref PackedReader reader)
    {
        for (var left = reader.Unsigned(); left > 0; left--)
        {
            facts.Add(new(reader.Long(), reader.Text(), reader.Text(), At(reader.Long()), At(reader.Long()),
                FactReader.Read(reader.Text(), reader.Bytes((int)reader.Unsigned()))));
        }
    }

    private static DateTimeOffset At(long ticks) => new(ticks, TimeSpan.Zero);
}
