using ServiceQuality.Scores.Board;
using ServiceQuality.Scores.Units;
using ServiceQuality.Scoring;
using ServiceQuality.Scoring.Trials;

namespace ServiceQuality.Scores.Trials;

/// <summary>Tries schemes on the units of the board: the readings are those behind the scores that everybody sees at the moment.</summary>
internal sealed class UnitTrials(ScoreBoard board) : IDisposable
{
    internal const int MostGroups = 60;
    private const int MostValues = 200;

    // Each trial keeps a core busy for a moment; more at once would only make all of them slower.
    private readonly SemaphoreSlim _turn = new(2, 2);

    /// <summary>The effect on every unit of the scope that is compared with others.</summary>
    public async Task<TrialView> TryAsync(Scheme present, Scheme edited, WhatIf asked, IReadOnlyList<string> scope, CancellationToken ct)
    {
        var view = await board.ViewAsync(asked.Period, ct);
        await _turn.WaitAsync(ct);
        try
        {
            return Try(present, edited, asked, new Board(view, [.. view.Rows.Where(row => scope.Any(path => row.Unit.Path.StartsWith(path, StringComparison.Ordinal)))]));
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>What the present points of the units of the scope say about the weights of a family of a scheme.</summary>
    public async Task<PresentWeightsView> WeighAsync(Scheme scheme, Family family, Period period, IReadOnlyList<string> scope, CancellationToken ct)
    {
        var view = await board.ViewAsync(period, ct);
        await _turn.WaitAsync(ct);
        try
        {
            var seen = new Board(view, [.. view.Rows.Where(row => scope.Any(path => row.Unit.Path.StartsWith(path, StringComparison.Ordinal)))]);
            var units = Compared([.. seen.Rows.Select(row => row.Unit)]).Where(unit => seen.Row(unit).Merged is not null);
            return PresentWeightsView.Of(family, period.Window(view.AsOf, TimeZoneInfo.Utc), [.. units.Select(unit => Scorer.Evaluate(scheme, seen.Readings(unit, scheme.RollUp)))]);
        }
        finally
        {
            _turn.Release();
        }
    }

    public void Dispose() => _turn.Dispose();

    /// <summary>The units that are compared with each other: branches; where there is one branch at most, the lowest units.</summary>
    public static IReadOnlyList<OrgUnit> Compared(IReadOnlyList<OrgUnit> units)
    {
        var branches = units.Where(unit => unit.Kind is "county-branch" or "department").ToList();
        if (branches.Count > 1)
            return branches;
        var parents = units.Select(unit => unit.Parent).ToHashSet();
        return [.. units.Where(unit => !parents.Contains(unit.Id))];
    }

    private static TrialView Try(Scheme present, Scheme edited, WhatIf asked, Board board)
    {
        var trial = new Trial(present, edited);
        var compared = Compared([.. board.Rows.Select(row => row.Unit)]).Where(unit => board.Row(unit).Merged is not null).ToList();
        foreach (var unit in compared)
            trial.Add(board.Readings(unit, present.RollUp), board.Readings(unit, edited.RollUp));

        var top = board.Rows.Count > 0 ? board.Rows[0] : null;
        var groups = board.Rows.Where(row => row.Unit.Parent == top?.Unit.Id && row.Merged is not null && !compared.Contains(row.Unit)).Take(MostGroups);
        return TrialView.Of(
            trial.Result(), compared, top?.Merged is null ? null : Group(top), [.. groups.Select(Group)],
            asked.Period.Window(board.AsOf, TimeZoneInfo.Utc), asked.Order, asked.Limit, Axis(asked.Axis, compared, board));

        TrialGroup Group(BoardRow row) => TrialGroup.Of(
            row.Unit, compared.Count(unit => unit.Path.StartsWith(row.Unit.Path, StringComparison.Ordinal)),
            trial.EffectOn(board.Readings(row.Unit, present.RollUp), board.Readings(row.Unit, edited.RollUp)));
    }

    private static AxisView? Axis(string? code, List<OrgUnit> units, Board board)
    {
        var leaves = code is null ? [] : units.Select(unit => board.Row(unit).Score.Leaves.FirstOrDefault(leaf => leaf.Indicator.Code == code)).OfType<LeafScore>().Where(leaf => leaf.Value is not null).ToList();
        var values = leaves.Select(leaf => Math.Round(leaf.Value!.Value, 6)).Order().ToList();
        if (values.Count > MostValues)
            values = [.. Enumerable.Range(0, MostValues).Select(i => values[(int)((long)i * (values.Count - 1) / (MostValues - 1))])];
        return leaves.Count == 0 ? null : new(code!, leaves[0].Indicator.Measure.Unit, values);
    }

    /// <summary>The rows of the board that the caller may see, at one moment.</summary>
    private sealed class Board(BoardView view, IReadOnlyList<BoardRow> rows)
    {
        private readonly Dictionary<Guid, BoardRow> _rows = rows.ToDictionary(row => row.Unit.Id);

        public IReadOnlyList<BoardRow> Rows => rows;

        public DateTimeOffset AsOf => view.AsOf;

        public BoardRow Row(OrgUnit unit) => _rows[unit.Id];

        /// <summary>A unit's readings with everything below it, rolled up as a scheme asks.</summary>
        public Readings Readings(OrgUnit unit, RollUp rollUp)
        {
            if (rollUp == view.Scheme.RollUp)
                return Row(unit).Merged!;
            List<Readings> own = [.. rows.Where(row => row.Own is not null && row.Unit.Path.StartsWith(unit.Path, StringComparison.Ordinal)).Select(row => row.Own!)];
            return (own.Count == 1 ? own[0] : Scoring.Readings.Merge(own, rollUp)).WithOwn(Row(unit).Own);
        }
    }
}
