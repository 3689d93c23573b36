using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>Deductions and bonuses with their withdrawals, which may arrive first. A withdrawal counts from its own time on; of several the earliest.</summary>
internal sealed class AdjustmentLog
{
    private readonly SortedDictionary<(string Source, string Id), Entry> entries = new(Comparer<(string, string)>.Create(Compare));

    public void Add(in Fact fact)
    {
        switch (fact.Data)
        {
            case Deduction { Points: > 0 } deduction:
                Set(fact, AdjustmentKind.Deduction, deduction.Rule, deduction.Points);
                break;
            case Bonus { Points: > 0 } bonus:
                Set(fact, AdjustmentKind.Bonus, bonus.Rule, bonus.Points);
                break;
            case AdjustmentWithdrawn withdrawal:
                var entry = Of((withdrawal.Source, withdrawal.Id));
                if (entry.Withdrawn is not { } at || fact.Time.UtcTicks < at)
                    entry.Withdrawn = fact.Time.UtcTicks;
                break;
        }
    }

    public void Expire(long before)
    {
        List<(string, string)>? over = null;
        foreach (var (key, entry) in entries)
        {
            if ((entry.Rule is null ? entry.Withdrawn!.Value : entry.Time) < before)
                (over ??= []).Add(key);
        }
        foreach (var key in over ?? [])
            entries.Remove(key);
    }

    /// <summary>
    /// The adjustments that count in [begin, end) as of a moment, by rule. With <paramref name="closed"/> the last instant belongs to the window,
    /// with <paramref name="live"/> the moment itself has passed.
    /// </summary>
    public IEnumerable<RuleTotal> Totals(long begin, long end, long asOf, bool closed, bool live) =>
        from entry in entries.Values
        where entry.Rule is not null && entry.Time >= begin && (entry.Time < end || (closed && entry.Time == end))
            && !(entry.Withdrawn is { } withdrawn && (withdrawn < asOf || (live && withdrawn == asOf)))
        group entry by (entry.Rule, entry.Kind) into rule
        orderby rule.Key.Kind, rule.Key.Rule
        select new RuleTotal(rule.Key.Rule, rule.Key.Kind, rule.Sum(e => e.Points), rule.Count());

    public void Save(PackedWriter writer)
    {
        writer.Unsigned((ulong)entries.Count);
        foreach (var ((source, id), entry) in entries)
        {
            writer.Text(source);
            writer.Text(id);
            writer.Long(entry.Withdrawn ?? -1);
            writer.Byte((byte)(entry.Rule is null ? 0 : 1 + (int)entry.Kind));
            if (entry.Rule is null)
                continue;
            writer.Text(entry.Rule);
            writer.Points(entry.Points);
            writer.Long(entry.Time);
        }
    }

    public void Load(ref PackedReader reader)
    {
        for (var left = reader.Unsigned(); left > 0; left--)
        {
            var entry = Of((reader.Text(), reader.Text()));
            var withdrawn = reader.Long();
            entry.Withdrawn = withdrawn < 0 ? null : withdrawn;
            var kind = reader.Byte();
            if (kind == 0)
                continue;
            (entry.Kind, entry.Rule, entry.Points, entry.Time) = ((AdjustmentKind)(kind - 1), reader.Text(), reader.Points(), reader.Long());
        }
    }

    private static int Compare((string Source, string Id) a, (string Source, string Id) b)
    {
        var order = string.CompareOrdinal(a.Source, b.Source);
        return order != 0 ? order : string.CompareOrdinal(a.Id, b.Id);
    }

    private void Set(in Fact fact, AdjustmentKind kind, string rule, decimal points)
    {
        var entry = Of((fact.Source, fact.Id));
        (entry.Kind, entry.Rule, entry.Points, entry.Time) = (kind, rule, points, fact.Time.UtcTicks);
    }

    private Entry Of((string, string) key) => entries.TryGetValue(key, out var entry) ? entry : entries[key] = new();

    private sealed class Entry
    {
        public AdjustmentKind Kind { get; set; }

        /// <summary>Null while only the withdrawal is known.</summary>
        public string? Rule { get; set; }

        public decimal Points { get; set; }

        public long Time { get; set; }

        public long? Withdrawn { get; set; }
    }
}

/// <summary>Adjustments of one unit under one rule in a window.</summary>
internal sealed record RuleTotal(string Rule, AdjustmentKind Kind, decimal Points, int Facts);
