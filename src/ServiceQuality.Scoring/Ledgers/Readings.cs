using System.Buffers;

namespace ServiceQuality.Scoring;

/// <summary>
/// The statistics of every measure over one window, of one unit or of many merged. Statistics are whole numbers, so merging is exact, associative and independent of order.
/// Immutable.
/// </summary>
public sealed class Readings
{
    private const long Mass = 1_000_000;
    private static readonly byte[] Format = "SQR1"u8.ToArray();

    private readonly StepTable? equalSteps;
    private readonly CellTable? equalCells;
    private readonly Int128[]? equalSpread;

    internal Readings(
        MeasureCatalogue catalogue, PeriodWindow window, CellTable cells, FaultTotals[] faults, IReadOnlyList<RuleTotal> adjustments, CellTable[] before,
        int units = 1, CellTable? equal = null, Int128[]? spread = null, StepTable? steps = null)
    {
        (Catalogue, Window, Cells, Faults, Adjustments, Before, Units) = (catalogue, window, cells, faults, adjustments, before, units);
        (equalCells, equalSpread, equalSteps) = (equal, spread, steps);
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

    internal bool IsEqual => equalCells is not null;

    /// <summary>What values are computed from: the cells scaled to equal mass in an equal roll-up, else the plain ones.</summary>
    internal CellTable Weighted => equalCells ?? Cells;

    /// <summary>The steps that values are computed from.</summary>
    internal StepTable? WeightedSteps => equalSteps ?? Steps;

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
        CellTable? cells = null, equal = null;
        Int128[]? spread = null;
        FaultTotals[]? faults = null;
        LatestTotals[]? latest = null;
        CellTable[]? before = null;
        StepTable? steps = null, scaledSteps = null;
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
                if (rollUp == RollUp.Equal)
                    (equal, spread, scaledSteps) = (new(part.Catalogue.Series), new Int128[part.Faults.Length], part.Steps is null ? null : new());
            }
            if (part.Catalogue.Hash != first.Catalogue.Hash || part.Before.Length != before!.Length || part.Window.Period != first.Window.Period)
                throw new ArgumentException("Readings of different catalogues or periods cannot be merged.", nameof(parts));
            if (rollUp == RollUp.Volume ? part.IsEqual : !part.IsEqual && part.Units != 1)
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
            if (rollUp != RollUp.Equal)
                continue;
            var (scaled, spreads) = part.IsEqual ? (part.equalCells!, part.equalSpread!) : part.Scaled();
            equal!.Add(scaled);
            scaledSteps?.Add(part.IsEqual ? part.equalSteps! : part.Steps!.Scaled(Mass));
            for (var i = 0; i < spread!.Length; i++)
                spread[i] += spreads[i];
        }
        if (first is null)
            throw new ArgumentException("There is nothing to merge.", nameof(parts));
        adjustments.Sort(Compare);
        return new(first.Catalogue, first.Window, cells!, faults!, adjustments, before!, units, equal, spread, scaledSteps) { Steps = steps, Latest = latest! };
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
    public void Save(IBufferWriter<byte> writer)
    {
        var packed = new PackedWriter();
        packed.Bytes(Format);
        packed.Text(Catalogue.Hash);
        packed.Text(Window.Period.ToString());
        packed.Long(Window.From.UtcTicks);
        packed.Long(Window.To.UtcTicks);
        packed.Long(Window.AsOf.UtcTicks);
        packed.Long(Units);
        Cells.Pack(packed);
        foreach (var i in Catalogue.FaultSeries)
        {
            ref readonly var fault = ref Faults[i];
            packed.Long(fault.Repairs);
            packed.Wide(fault.RepairTime);
            packed.Wide(fault.RepairSquares);
            packed.Long(fault.Failures);
            packed.Wide(fault.Down);
            packed.Wide(fault.DownSquares);
            packed.Wide(fault.Watched);
        }
        packed.Unsigned((ulong)Adjustments.Count);
        foreach (var (rule, kind, points, facts) in Adjustments)
        {
            packed.Text(rule);
            packed.Byte((byte)kind);
            packed.Points(points);
            packed.Long(facts);
        }
        packed.Unsigned((ulong)Before.Length);
        foreach (var day in Before)
            day.Pack(packed);
        packed.Byte(IsEqual ? (byte)1 : (byte)0);
        if (IsEqual)
        {
            equalCells!.Pack(packed);
            foreach (var value in equalSpread!)
                packed.Wide(value);
        }
        foreach (ref readonly var states in Latest.AsSpan())
        {
            packed.Long(states.States);
            packed.Wide(states.Sum);
            packed.Wide(states.Whole);
        }
        Steps?.Pack(packed);
        equalSteps?.Pack(packed);
        writer.Write(packed.Written);
    }

    /// <summary>Reads saved readings.</summary>
    /// <exception cref="InvalidDataException">They are damaged or of another catalogue.</exception>
    public static Readings Load(MeasureCatalogue catalogue, ReadOnlySpan<byte> saved)
    {
        var reader = new PackedReader(saved);
        if (!reader.Bytes(Format.Length).SequenceEqual(Format) || reader.Text() != catalogue.Hash || !Period.TryParse(reader.Text(), out var period))
            throw new InvalidDataException("The saved readings are of another format or catalogue.");
        var window = new PeriodWindow(period, new(reader.Long(), TimeSpan.Zero), new(reader.Long(), TimeSpan.Zero), new(reader.Long(), TimeSpan.Zero));
        var units = (int)reader.Long();
        var cells = Table(ref reader);
        var faults = new FaultTotals[catalogue.Series.Length];
        foreach (var i in catalogue.FaultSeries)
        {
            faults[i] = new()
            {
                Repairs = reader.Long(),
                RepairTime = reader.Wide(),
                RepairSquares = reader.Wide(),
                Failures = reader.Long(),
                Down = reader.Wide(),
                DownSquares = reader.Wide(),
                Watched = reader.Wide(),
            };
        }
        var adjustments = new List<RuleTotal>();
        for (var left = reader.Unsigned(); left > 0; left--)
            adjustments.Add(new(reader.Text(), (AdjustmentKind)reader.Byte(), reader.Points(), (int)reader.Long()));
        var before = new List<CellTable>();
        for (var left = reader.Unsigned(); left > 0; left--)
            before.Add(Table(ref reader));
        CellTable? equal = null;
        Int128[]? spread = null;
        if (reader.Byte() != 0)
        {
            equal = Table(ref reader);
            spread = new Int128[catalogue.Series.Length];
            for (var i = 0; i < spread.Length; i++)
                spread[i] = reader.Wide();
        }
        var latest = new LatestTotals[catalogue.LatestSeries.Length];
        for (var i = 0; i < latest.Length; i++)
            latest[i] = new() { States = reader.Long(), Sum = reader.Wide(), Whole = reader.Wide() };
        var steps = catalogue.SteppedSeries.Length == 0 ? null : StepTable.Load(ref reader);
        var scaledSteps = steps is null || equal is null ? null : StepTable.Load(ref reader);
        return new(catalogue, window, cells, faults, adjustments, [.. before], units, equal, spread, scaledSteps) { Steps = steps, Latest = latest };

        CellTable Table(ref PackedReader from)
        {
            var table = new CellTable(catalogue.Series);
            table.Add(ref from);
            return table;
        }
    }

    /// <summary>The sample that intervals use: the plain count, in an equal roll-up the effective one.</summary>
    internal double EffectiveSample(int series)
    {
        if (equalCells is null || equalSpread![series] == 0)
            return Cells.Cells[series].N;
        var mass = (double)equalCells.Cells[series].N;
        return mass * mass / (double)equalSpread[series];
    }

    private static int Compare(RuleTotal a, RuleTotal b)
    {
        var order = string.CompareOrdinal(a.Rule, b.Rule);
        return order != 0 ? order : (a.Kind, a.Points, a.Facts).CompareTo((b.Kind, b.Points, b.Facts));
    }

    private (CellTable Cells, Int128[] Spread) Scaled()
    {
        var scaled = new CellTable(Catalogue.Series);
        var spreads = new Int128[Catalogue.Series.Length];
        for (var i = 0; i < spreads.Length; i++)
        {
            ref readonly var cell = ref Cells.Cells[i];
            if (cell.N == 0)
                continue;
            ref var to = ref scaled.Cells[i];
            spreads[i] = Int128.Max(1, (Int128)Mass * Mass / cell.N);
            switch (Catalogue.Series[i].Shape)
            {
                case Shape.Last:
                    to = cell;
                    break;
                case Shape.Sketch:
                    var (sketch, from) = (scaled.SketchOf(i), Cells.Sketches[i]!);
                    for (var bin = 0; bin < from.Length; bin++)
                    {
                        var count = (long)Number.Scale(from[bin], Mass, cell.N);
                        if (count > 0)
                            sketch.Add(from.Low + bin, count);
                        to.N += count;
                    }
                    break;
                default:
                    to.N = Mass;
                    to.K = (long)Number.Scale(cell.K, Mass, cell.N);
                    to.Sum = Number.Scale(cell.Sum, Mass, cell.N);
                    to.Squares = Number.Scale(cell.Squares, Mass, cell.N);
                    break;
            }
        }
        return (scaled, spreads);
    }
}
