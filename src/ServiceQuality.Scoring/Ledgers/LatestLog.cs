using System.Runtime.InteropServices;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>
/// What was told of a unit's states, by the thing it was told of: every risk by its assessments, and the coverage by its head counts. The newest by event time, then seq, holds
/// until the next, across windows. Kept as long as days are (400 days), so that retrospective readings are exact; facts may arrive in any order.
/// </summary>
internal sealed class LatestLog
{
    private readonly SortedDictionary<(string Kind, string Name), List<Mark>> states = new(Comparer<(string, string)>.Create(Compare));

    /// <summary>Notes a fact that tells a state.</summary>
    public void Add((string Kind, string Name) key, in Fact fact)
    {
        if (!states.TryGetValue(key, out var marks))
            states[key] = marks = new(2);
        var mark = new Mark(fact.Time.UtcTicks, fact.Seq, fact.Data);
        var at = marks.Count;
        while (at > 0 && (marks[at - 1].Time, marks[at - 1].Seq).CompareTo((mark.Time, mark.Seq)) > 0)
            at--;
        marks.Insert(at, mark);
    }

    /// <summary>Forgets what was told before a moment.</summary>
    public void Expire(long before)
    {
        List<(string, string)>? over = null;
        foreach (var (key, marks) in states)
        {
            if (marks.RemoveAll(mark => mark.Time < before) > 0 && marks.Count == 0)
                (over ??= []).Add(key);
        }
        foreach (var key in over ?? [])
            states.Remove(key);
    }

    /// <summary>The states that hold at the end of a window, for each of <see cref="MeasureCatalogue.LatestSeries"/>; with <paramref name="closed"/> its last instant belongs to it.</summary>
    public LatestTotals[] Totals(MeasureCatalogue catalogue, long to, bool closed)
    {
        var totals = new LatestTotals[catalogue.LatestSeries.Length];
        foreach (var marks in states.Values)
        {
            if (totals.Length == 0 || marks.FindLastIndex(mark => mark.Time < to || (closed && mark.Time == to)) is not (var at and >= 0))
                continue;
            for (var i = 0; i < totals.Length; i++)
                totals[i].Add(catalogue.Series[catalogue.LatestSeries[i]], marks[at].Data);
        }
        return totals;
    }

    public static void Save(LatestLog? log, PackedWriter writer)
    {
        writer.Unsigned((ulong)(log?.states.Count ?? 0));
        foreach (var marks in log is null ? [] : log.states.Values.AsEnumerable())
        {
            writer.Text(FactReader.TypeOf(marks[0].Data));
            writer.Unsigned((ulong)marks.Count);
            foreach (var mark in marks)
            {
                writer.Long(mark.Time);
                writer.Long(mark.Seq);
                var json = FactReader.Write(mark.Data);
                writer.Unsigned((ulong)json.Length);
                writer.Bytes(json);
            }
        }
    }

    /// <summary>Reads a saved log; null when it is empty, as most are.</summary>
    public static LatestLog? Load(ref PackedReader reader)
    {
        LatestLog? log = null;
        for (var left = reader.Unsigned(); left > 0; left--)
        {
            var type = reader.Text();
            var marks = new List<Mark>();
            for (var more = reader.Unsigned(); more > 0; more--)
                marks.Add(new(reader.Long(), reader.Long(), FactReader.Read(type, reader.Bytes((int)reader.Unsigned()))));
            (log ??= new()).states[KeyOf(marks[0].Data)!.Value] = marks;
        }
        return log;
    }

    /// <summary>What a fact tells the state of; null when it tells none.</summary>
    public static (string Kind, string Name)? KeyOf(FactData data) => data switch
    {
        RiskAssessed risk => ("risk", risk.Risk),
        TrainingCoverage => ("coverage", ""),
        _ => null,
    };

    private static int Compare((string Kind, string Name) a, (string Kind, string Name) b)
    {
        var order = string.CompareOrdinal(a.Kind, b.Kind);
        return order != 0 ? order : string.CompareOrdinal(a.Name, b.Name);
    }

    [StructLayout(LayoutKind.Auto)]
    private readonly record struct Mark(long Time, long Seq, FactData Data);
}

/// <summary>States at the end of a window; additive over units. Numbers in millionths.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct LatestTotals
{
    /// <summary>How many states.</summary>
    public long States;

    public Int128 Sum;

    /// <summary>What stands under the line: the states themselves, or the heads required.</summary>
    public Int128 Whole;

    public void Add(in LatestTotals other)
    {
        States += other.States;
        Sum += other.Sum;
        Whole += other.Whole;
    }

    public void Add(Series series, FactData data)
    {
        if (!series.Concerns(data) || series.NumberOf(data) is var number && number == Number.Missing)
            return;
        States++;
        Sum += number;
        Whole += series.Value!.Value.WholeOf(data);
    }
}
