using System.Buffers;
using System.Security.Cryptography;
using ServiceQuality.Contracts.Facts;

namespace ServiceQuality.Scoring;

/// <summary>
/// The live state of one unit: its journal folded into buckets (scoring.md §2). It is a function of the journal prefix, the catalogue and the time zone and of nothing else:
/// replaying gives the same bits, and so does loading a snapshot and folding the rest. Not safe for concurrent use: one owner at a time, reading included.
/// <para>
/// A fact whose time is ahead of the watermark <see cref="Received"/> (a branch's clock may run up to five minutes ahead) is laid aside until the watermark passes it,
/// and counts in readings whose moment has.
/// </para>
/// </summary>
public sealed class Ledger
{
    private static readonly byte[] Format = "SQL3"u8.ToArray();

    private readonly TimeGrid grid;
    private readonly Buckets buckets;
    private readonly FaultLog faults = new();
    private readonly AdjustmentLog adjustments = new();
    private readonly FactsAhead ahead = new();
    private LatestLog? latest;
    private long watermark = long.MinValue;
    private long newest = long.MinValue;

    /// <summary>An empty ledger.</summary>
    /// <param name="catalogue">What it measures.</param>
    /// <param name="zone">The unit's time zone. Another zone means folding the journal again.</param>
    public Ledger(MeasureCatalogue catalogue, TimeZoneInfo zone)
    {
        (Catalogue, Zone) = (catalogue, zone);
        grid = TimeGrid.Of(zone);
        buckets = new(catalogue, grid);
    }

    /// <summary>What it measures.</summary>
    public MeasureCatalogue Catalogue { get; }

    /// <summary>Whose days its day buckets are.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>Journal position: the last fact folded; 0 for an empty ledger.</summary>
    public long Seq { get; private set; }

    /// <summary>The watermark: newest <c>received</c> folded; null for an empty ledger.</summary>
    public DateTimeOffset? Received => Seq == 0 ? null : new(watermark, TimeSpan.Zero);

    /// <summary>Newest event time folded; null for an empty ledger.</summary>
    public DateTimeOffset? Newest => Seq == 0 ? null : new(newest, TimeSpan.Zero);

    /// <summary>Facts of days that were no longer kept (400 days) when their turn came; they changed nothing else.</summary>
    public long Late { get; private set; }

    /// <summary>Adds the next fact of the journal.</summary>
    /// <exception cref="JournalGapException">The fact's seq is not <see cref="Seq"/> + 1; nothing changed.</exception>
    public void Fold(in Fact fact)
    {
        if (fact.Seq != Seq + 1)
            throw new JournalGapException(Seq + 1, fact.Seq);
        Seq = fact.Seq;
        var received = fact.Received.UtcTicks;
        if (received > watermark)
            Advance(received);
        var time = fact.Time.UtcTicks;
        if (time > newest)
            newest = time;
        if (time <= watermark)
            Settle(fact, time);
        else if (FactReader.Knows(fact.Data))
            ahead.Add(fact);
    }

    /// <summary>
    /// Whether <see cref="Read"/> can answer exactly: hours are kept 35 days, days 400 days, and a moment before <see cref="Received"/> must be an hour boundary.
    /// </summary>
    public bool CanRead(PeriodWindow window) => Plan(window) is not null;

    /// <summary>
    /// The statistics of every measure over a window. For the live score take as moment the later of the clock and <see cref="Received"/>
    /// (another machine's clock may be ahead); a moment before it is a retrospective reading with today's knowledge, for trend charts.
    /// </summary>
    /// <exception cref="ArgumentException"><see cref="CanRead"/> is false.</exception>
    public Readings Read(PeriodWindow window)
    {
        var asOf = window.AsOf.UtcTicks;
        if (ahead.AnyUpTo(asOf))
        {
            // Some of what was laid aside has come to pass by then: read a copy that has gone on to that moment.
            var copy = Copy();
            copy.Advance(asOf);
            return copy.Read(window);
        }
        var plan = Plan(window) ?? throw new ArgumentException($"The window {window.From:O} to {window.To:O} as of {window.AsOf:O} cannot be read from the buckets that are kept.", nameof(window));

        var cells = new CellTable(Catalogue.Series);
        var steps = Catalogue.SteppedSeries.Length == 0 ? null : new StepMeter(Catalogue, cells);
        buckets.Read(plan, cells, steps);

        var (from, to) = (window.From.UtcTicks, window.To.UtcTicks);
        return new(Catalogue, window, cells, faults.Totals(Catalogue, from, to, plan.Closed),
            [.. adjustments.Totals(from, to, asOf, plan.Closed, live: asOf >= watermark)], buckets.ReadBefore(from))
        {
            Steps = steps?.Table,
            Latest = latest?.Totals(Catalogue, to, plan.Closed) ?? new LatestTotals[Catalogue.LatestSeries.Length],
        };
    }

    /// <summary>Writes the state in its canonical form: equal states give equal bytes.</summary>
    public void Save(IBufferWriter<byte> writer) => writer.Write(Write().Written);

    /// <summary>Reads a saved state.</summary>
    /// <exception cref="InvalidDataException">It is damaged, of another format, catalogue or time zone: fold the journal instead.</exception>
    public static Ledger Load(MeasureCatalogue catalogue, TimeZoneInfo zone, ReadOnlySpan<byte> saved)
    {
        if (saved.Length < SHA256.HashSizeInBytes || !SHA256.HashData(saved[..^SHA256.HashSizeInBytes]).AsSpan().SequenceEqual(saved[^SHA256.HashSizeInBytes..]))
            throw new InvalidDataException("The saved ledger is damaged.");
        var reader = new PackedReader(saved[..^SHA256.HashSizeInBytes]);
        if (!reader.Bytes(Format.Length).SequenceEqual(Format) || reader.Text() != catalogue.Hash || reader.Text() != zone.Id)
            throw new InvalidDataException("The saved ledger is of another format, catalogue or time zone.");
        var ledger = new Ledger(catalogue, zone)
        {
            Seq = reader.Long(),
            watermark = reader.Long(),
            newest = reader.Long(),
            Late = reader.Long(),
        };
        ledger.buckets.Load(ref reader);
        ledger.faults.Load(ref reader);
        ledger.adjustments.Load(ref reader);
        ledger.latest = LatestLog.Load(ref reader);
        ledger.ahead.Load(ref reader);
        if (ledger.Seq > 0)
            ledger.Expire();
        return ledger;
    }

    /// <summary>SHA-256 of the canonical state, hexadecimal.</summary>
    public string Hash() => Convert.ToHexStringLower(Write().Written[^SHA256.HashSizeInBytes..]);

    private PackedWriter Write()
    {
        buckets.Close();
        var writer = PackedWriter.OfThread;
        writer.Clear();
        writer.Bytes(Format);
        writer.Text(Catalogue.Hash);
        writer.Text(Zone.Id);
        writer.Long(Seq);
        writer.Long(watermark);
        writer.Long(newest);
        writer.Long(Late);
        buckets.Save(writer);
        faults.Save(writer);
        adjustments.Save(writer);
        LatestLog.Save(latest, writer);
        ahead.Save(writer);
        writer.Bytes(SHA256.HashData(writer.Written));
        return writer;
    }

    private Ledger Copy() => Load(Catalogue, Zone, Write().Written);

    private void Advance(long received)
    {
        if (received <= watermark)
            return;
        watermark = received;
        Expire();
        foreach (var fact in ahead.TakeUpTo(watermark))
            Settle(fact, fact.Time.UtcTicks);
    }

    private void Expire()
    {
        if (buckets.Expire(watermark) is not { } kept)
            return;
        faults.Expire(kept);
        adjustments.Expire(kept);
        latest?.Expire(kept);
    }

    private void Settle(in Fact fact, long time)
    {
        if (buckets.At(time) is not { } table)
        {
            Late++;
            return;
        }
        switch (fact.Data)
        {
            case FaultOpened opened:
                faults.Add(opened.Asset, opened.Fault, time, restored: false);
                break;
            case FaultRestored restored:
                faults.Add(restored.Asset, restored.Fault, time, restored: true);
                break;
            case Deduction or Bonus or AdjustmentWithdrawn:
                adjustments.Add(fact);
                break;
            default:
                if (LatestLog.KeyOf(fact.Data) is { } state)
                    (latest ??= new()).Add(state, fact);
                Catalogue.Router.Add(table, fact);
                break;
        }
    }

    private ReadPlan? Plan(PeriodWindow window) => ReadPlan.Of(window, watermark, grid) is { } plan && buckets.Keeps(plan) ? plan : null;
}
