using System.Buffers;

namespace ServiceQuality.Scoring;

/// <summary>
/// The statistics of every measure over one window, of one unit or of many merged. Statistics are whole numbers, so merging is exact, associative and independent of order.
/// Immutable.
/// </summary>
public sealed class Readings
{
    internal Readings(
        MeasureCatalogue catalogue, PeriodWindow window, CellTable cells, FaultTotals[] faults, IReadOnlyList<RuleTotal> adjustments, CellTable[] before,
        int units = 1)
    {
        (Catalogue, Window, Cells, Faults, Adjustments, Before, Units) = (catalogue, window, cells, faults, adjustments, before, units);
        foreach (ref readonly var cell in cells.Cells.AsSpan())
            Facts = Math.Max(Facts, cell.N);
        foreach (ref readonly var fault in faults.AsSpan())
            Facts = Math.Max(Facts, fault.Failures + fault.Repairs);
    }

    /// <summary>The catalogue of the ledgers they came from.</summary>
    public MeasureCatalogue Catalogue { get; }

    /// <summary>The window; in a merge that of the first part.</summary>
    public PeriodWindow Window { get; }

    /// <summary>How many ledgers were merged.</summary>
    public int Units { get; }

    /// <summary>Facts behind the readings: the largest count of any measure; 0 when no measure has data in the window. States that hold from before it are no facts of it.</summary>
    public long Facts { get; }

    /// <summary>Plain sums over the units.</summary>
    internal CellTable Cells { get; }

    internal FaultTotals[] Faults { get; }

    /// <summary>The months and weeks of the window, for the series that are taken apart; null when none is.</summary>
    internal StepTable? Steps { get; init; }

    /// <summary>The states that hold at the end of the window, for each of <see cref="MeasureCatalogue.LatestSeries"/>.</summary>
    internal LatestTotals[] Latest { get; init; } = [];

    /// <summary>One entry per unit and rule: caps are applied unit by unit.</summary>
    internal IReadOnlyList<RuleTotal> Adjustments { get; }

    /// <summary>Of <see cref="Adjustments"/> those of the unit itself; see <see cref="WithOwn"/>.</summary>
    internal IReadOnlyList<RuleTotal> Own { get; private set; } = [];

    /// <summary>Whole days before the window, newest first.</summary>
    internal CellTable[] Before { get; }

    /// <summary>The units scaled to the same mass, in an equal roll-up; else null.</summary>
    internal EqualMass? Equal { get; init; }

    /// <summary>What values are computed from: the cells scaled to equal mass in an equal roll-up, else the plain ones.</summary>
    internal CellTable Weighted => Equal?.Cells ?? Cells;

    /// <summary>The steps that values are computed from.</summary>
    internal StepTable? WeightedSteps => Equal?.Steps ?? Steps;

    /// <summary>
    /// Merges the readings of units (SCO-29). <see cref="RollUp.Volume"/> adds the buckets, so that every customer contact counts once.
    /// <see cref="RollUp.Equal"/> first scales the statistics of every part that is one unit to the same mass (1,000,000), so that every unit with data counts once;
    /// intervals then use the effective sample (Σ m)² / Σ (m²/n). Parts that are themselves equal merges are added as they are: a merge of merges is the merge of all units.
    /// In both, times to repair and between failures and availability are plain merges (every repair, every hour watched counts once), so are latest states, <c>last</c> is the newest of all units, and held
    /// values (<see cref="MissingKind.Hold"/>) are plain merges. <c>count</c> and <c>sum</c> are totals under volume and means per unit under equal.
    /// Deductions and bonuses are the mean over the units, each capped by itself; of the unit that is scored see <see cref="WithOwn"/>.
    /// </summary>
    /// <exception cref="ArgumentException">No parts, or parts of different catalogues, periods or roll-ups.</exception>
    public static Readings Merge(IEnumerable<Readings> parts, RollUp rollUp)
    {
        Readings? first = null;
        CellTable? cells = null;
        EqualMass? equal = null;
        FaultTotals[]? faults = null;
        LatestTotals[]? latest = null;
        CellTable[]? before = null;
        StepTable? steps = null;
        var adjustments = new List<RuleTotal>();
        var units = 0;
        foreach (var part in parts)
        {
            if (first is null)
            {
                first = part;
                cells = new(part.Catalogue.Series);
                faults = new FaultTotals[part.Faults.Length];
                latest = new LatestTotals[part.Latest.Length];
                steps = part.Steps is null ? null : new();
                before = [.. part.Before.Select(_ => new CellTable(part.Catalogue.Series))];
                equal = rollUp == RollUp.Equal ? EqualMass.Empty(part.Catalogue) : null;
            }
            if (part.Catalogue.Hash != first.Catalogue.Hash || part.Before.Length != before!.Length || part.Window.Period != first.Window.Period)
                throw new ArgumentException("Readings of different catalogues or periods cannot be merged.", nameof(parts));
            if (rollUp == RollUp.Volume ? part.Equal is not null : part.Equal is null && part.Units != 1)
                throw new ArgumentException("Readings that were merged by another roll-up cannot be merged.", nameof(parts));
            units += part.Units;
            cells!.Add(part.Cells);
            for (var i = 0; i < faults!.Length; i++)
                faults[i].Add(part.Faults[i]);
            for (var i = 0; i < latest!.Length; i++)
                latest[i].Add(part.Latest[i]);
            steps?.Add(part.Steps!);
            for (var i = 0; i < before.Length; i++)
                before[i].Add(part.Before[i]);
            adjustments.AddRange(part.Adjustments);
            equal?.Add(part.Equal ?? EqualMass.Of(part.Catalogue, part.Cells, part.Steps));
        }
        if (first is null)
            throw new ArgumentException("There is nothing to merge.", nameof(parts));
        adjustments.Sort(Compare);
        return new(first.Catalogue, first.Window, cells!, faults!, adjustments, before!, units) { Steps = steps, Equal = equal, Latest = latest! };
    }

    /// <summary>Days of one unit taken together, each as often as it is named, for draws over days (scoring.md §8): the indicators alone, without adjustments and held values.</summary>
    /// <param name="days">One at least, of one catalogue and none of an equal roll-up.</param>
    internal static Readings MergeDays(IReadOnlyList<Readings> days)
    {
        var first = days[0];
        var (cells, faults, latest) = (new CellTable(first.Catalogue.Series), new FaultTotals[first.Faults.Length], new LatestTotals[first.Latest.Length]);
        var steps = first.Steps is null ? null : new StepTable();
        foreach (var day in days)
        {
            cells.Add(day.Cells);
            for (var i = 0; i < faults.Length; i++)
                faults[i].Add(day.Faults[i]);
            for (var i = 0; i < latest.Length; i++)
                latest[i].Add(day.Latest[i]);
            steps?.Add(day.Steps!);
        }
        return new(first.Catalogue, first.Window, cells, faults, [], []) { Steps = steps, Latest = latest };
    }

    /// <summary>
    /// The same readings as those of a unit whose own journal is among the merged ones: its own deductions and bonuses count in full, those of the units below it as
    /// the mean over all (E-07: a branch that reports late loses the whole half point, however many halls it has). It says how the merge is scored, and is neither
    /// saved nor handed on to a further merge.
    /// </summary>
    /// <param name="own">Readings of the unit's own journal; null when it has none.</param>
    public Readings WithOwn(Readings? own)
    {
        if (ReferenceEquals(Own, own?.Adjustments) || ((own is null || own.Adjustments.Count == 0) && Own.Count == 0))
            return this;
        var copy = (Readings)MemberwiseClone();
        copy.Own = own?.Adjustments ?? [];
        return copy;
    }

    /// <summary>Writes the readings.</summary>
    public void Save(IBufferWriter<byte> writer) => writer.Write(SavedReadings.Write(this).Written);

    /// <summary>Reads saved readings.</summary>
    /// <exception cref="InvalidDataException">They are damaged or of another catalogue.</exception>
    public static Readings Load(MeasureCatalogue catalogue, ReadOnlySpan<byte> saved) => SavedReadings.Read(catalogue, saved);

    /// <summary>The sample that intervals use: the plain count, in an equal roll-up the effective one.</summary>
    internal double EffectiveSample(int series) => Equal?.EffectiveSample(series) ?? Cells.Cells[series].N;

    private static int Compare(RuleTotal a, RuleTotal b)
    {
        var order = string.CompareOrdinal(a.Rule, b.Rule);
        return order != 0 ? order : (a.Kind, a.Points, a.Facts).CompareTo((b.Kind, b.Points, b.Facts));
    }
}
