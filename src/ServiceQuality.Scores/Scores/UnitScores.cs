using System.Security.Cryptography;
using System.Text;
using System.Globalization;
using ServiceQuality.Scores.Board;
using ServiceQuality.Scores.Branches;
using ServiceQuality.Scores.Schemes;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Scores;

/// <summary>The score of a unit and all that it was computed from.</summary>
/// <param name="Unit">The unit.</param>
/// <param name="AsOf">The moment.</param>
/// <param name="Score">The score.</param>
/// <param name="Readings">What the score was evaluated from.</param>
/// <param name="Parts">Units of the subtree that have a journal.</param>
/// <param name="ScoredUnits">How many of them had facts in the window.</param>
/// <param name="NotScored">Units of the subtree under which nothing happened; listed, never counted as zero (SCO-29).</param>
internal sealed record UnitScore(OrgUnit Unit, DateTimeOffset AsOf, Score Score, Readings Readings, IReadOnlyList<BranchState> Parts, int ScoredUnits, IReadOnlyList<OrgUnit> NotScored)
{
    /// <summary>Newest received of all parts.</summary>
    public DateTimeOffset? Received => Parts.Max(part => part.Received);

    /// <summary>Newest event time of all parts.</summary>
    public DateTimeOffset? Newest => Parts.Max(part => part.Newest);

    /// <summary>Facts behind the score: the unit's own position, or the sum over a roll-up.</summary>
    public long Seq => Parts.Sum(part => part.Seq);

    /// <summary>SHA-256 over scheme, window, journal positions and the exact bits of the result: two computations of the same score agree on it.</summary>
    public string Hash()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"{Unit.Id}|{Score.Scheme.Hash}|{Score.Window.Period}|{Score.Window.From.UtcTicks}|{Score.Window.To.UtcTicks}");
        foreach (var part in Parts.OrderBy(part => part.Unit))
            text.Append(CultureInfo.InvariantCulture, $"|{part.Unit}:{part.Seq}");
        text.Append('|').Append(Bits(Score.Value));
        foreach (var leaf in Score.Leaves)
            text.Append('|').Append(Bits(leaf.Points));
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    private static string Bits(double? number) => number is { } value ? BitConverter.DoubleToInt64Bits(value).ToString("x16", CultureInfo.InvariantCulture) : "-";
}

/// <summary>Computes scores of units, straight from the branches: a fact that was committed is in the next answer.</summary>
internal sealed class UnitScores(IScoreTier tier, UnitReplica units, SchemeBook schemes, TimeProvider clock)
{
    /// <summary>The score of a unit: the merged readings of every unit in its subtree that has facts (scoring.md §2, SCO-29).</summary>
    /// <param name="unit">The unit.</param>
    /// <param name="period">The period.</param>
    /// <param name="asOf">Facts received and happened up to then; null for now.</param>
    /// <param name="version">Another version of the scheme than the one in force.</param>
    /// <param name="ct">Cancellation.</param>
    public Task<UnitScore> ReadAsync(OrgUnit unit, Period period, DateTimeOffset? asOf, Scheme? version, CancellationToken ct) =>
        ReadAsync(unit, new WindowAt(period), asOf, version, ct);

    /// <summary>
    /// The scores at two moments with today's knowledge, as the board compares them: each at the last full hour before it, the later one live when
    /// no moment is given. An earlier window that says too little to be drawn has no score (<see cref="Trend.Telling"/>).
    /// </summary>
    public async Task<(UnitScore From, UnitScore To)> CompareAsync(OrgUnit unit, Period period, DateTimeOffset from, DateTimeOffset? to, CancellationToken ct)
    {
        var zone = Zones.Of(unit.TimeZone);
        var later = await ReadAsync(unit, new WindowAt(period, to is { } end ? zone.HourAt(end) : null), asOf: null, version: null, ct);
        var earlier = await ReadAsync(unit, new WindowAt(period, zone.HourAt(from)), asOf: null, version: null, ct);
        return (Trend.Telling(earlier.Score, earlier.Readings, later.Readings) is null
            ? earlier with { Score = earlier.Score with { Value = null, Unclamped = null, Interval = null, Grade = null } }
            : earlier, later);
    }

    private async Task<UnitScore> ReadAsync(OrgUnit unit, WindowAt window, DateTimeOffset? asOf, Scheme? version, CancellationToken ct)
    {
        var (catalogue, period) = (schemes.Active, window.Period);
        var parts = await PartsAsync(unit, new BranchQuery([window], asOf, catalogue.Hash), ct);
        var readings = parts.Where(part => part.Readings[0] is not null).Select(part => part.Readings[0]!).ToList();
        // Another machine's clock may be ahead: what it received has happened.
        var moment = asOf ?? window.Moment ?? Later(clock.GetUtcNow(), parts.Max(part => part.Received));
        var zone = Zones.Of(unit.TimeZone);
        var scheme = version ?? schemes.InForce(period.Window(moment, zone), zone);
        var merged = Merged(readings, scheme.RollUp, Own(unit, parts, 0)) ?? new Ledger(catalogue, zone).Read(period.Window(moment, zone));
        return new(unit, moment, Scorer.Evaluate(scheme, merged), merged, parts, readings.Count(reading => reading.Facts > 0), NotScored(unit, parts));
    }

    /// <summary>Scores of windows that end at earlier full hours, with today's knowledge; null where the buckets cannot tell.</summary>
    public async Task<IReadOnlyList<(DateTimeOffset At, Score? Score)>> HistoryAsync(OrgUnit unit, Period period, IReadOnlyList<DateTimeOffset> moments, CancellationToken ct)
    {
        var zone = Zones.Of(unit.TimeZone);
        var parts = await PartsAsync(unit, new BranchQuery([.. moments.Select(moment => new WindowAt(period, moment))], Catalogue: schemes.Active.Hash), ct);
        var points = new List<(DateTimeOffset, Score?)>(moments.Count);
        for (var i = 0; i < moments.Count; i++)
        {
            var scheme = schemes.InForce(period.Window(moments[i], zone), zone);
            var readings = parts.Where(part => part.Readings[i] is not null).Select(part => part.Readings[i]!).ToList();
            points.Add((moments[i], Merged(readings, scheme.RollUp, Own(unit, parts, i)) is { } merged ? Scorer.Evaluate(scheme, merged) : null));
        }
        return points;
    }

    /// <summary>How many journals stand behind a unit.</summary>
    public async Task<int> CountAsync(OrgUnit unit, CancellationToken ct)
    {
        var known = (await tier.UnitsAsync(ct)).ToHashSet();
        return units.Tree.Subtree(unit.Path).Count(one => known.Contains(one.Id));
    }

    /// <summary>What a unit is scored from: everything merged, of which its own deductions and bonuses count in full.</summary>
    internal static Readings? Merged(IReadOnlyList<Readings> readings, RollUp rollUp, Readings? own) => readings.Count switch
    {
        0 => null,
        1 => readings[0].WithOwn(own),
        _ => Readings.Merge(readings, rollUp).WithOwn(own),
    };

    private static Readings? Own(OrgUnit unit, IReadOnlyList<BranchState> parts, int window) => parts.FirstOrDefault(part => part.Unit == unit.Id)?.Readings[window];

    private async Task<IReadOnlyList<BranchState>> PartsAsync(OrgUnit unit, BranchQuery query, CancellationToken ct)
    {
        var known = (await tier.UnitsAsync(ct)).ToHashSet();
        var reading = units.Tree.Subtree(unit.Path).Where(one => known.Contains(one.Id)).Select(one => tier.ReadAsync(one.Id, query, ct)).ToList();
        return [.. (await Task.WhenAll(reading)).OfType<BranchState>()];
    }

    /// <summary>The uppermost active units under which there is nothing: a region lists its silent branches, not each of their halls.</summary>
    private List<OrgUnit> NotScored(OrgUnit unit, IReadOnlyList<BranchState> parts)
    {
        var tree = units.Tree;
        var heard = new HashSet<Guid> { unit.Id };
        foreach (var part in parts.Where(part => part.Readings[0] is { Facts: > 0 }))
        {
            if (tree.Find(part.Unit) is { } own)
                heard.UnionWith(tree.Ancestry(own).Select(one => one.Id));
        }
        return [.. tree.Subtree(unit.Path).Where(one => one.State == "active" && !heard.Contains(one.Id) && one.Parent is { } parent && heard.Contains(parent))];
    }

    private static DateTimeOffset Later(DateTimeOffset one, DateTimeOffset? other) => other > one ? other.Value : one;
}
