using ServiceQuality.Scoring;

namespace ServiceQuality.Scores.Alerts;

/// <summary>What was told last of a unit.</summary>
/// <param name="Version">Rises with every change; 0 before the first.</param>
/// <param name="Grade">The grade told last.</param>
/// <param name="Crossed">When a crossing was told last.</param>
/// <param name="Falling">Whether a fall was told and the score has not recovered.</param>
internal sealed record AlertState(long Version, string Grade, DateTimeOffset Crossed, bool Falling);

/// <summary>What there is to tell.</summary>
/// <param name="Next">The state afterwards; the present one when nothing has changed.</param>
/// <param name="Crossing">The grade before, when a limit was crossed.</param>
/// <param name="IsFall">Whether the grade now is the worse one.</param>
/// <param name="Drop">Whether the score has fallen by the limit.</param>
internal sealed record AlertDecision(AlertState? Next, string? Crossing, bool IsFall, bool Drop);

/// <summary>When a score raises an alert (SCO-31): a pure rule, time is given.</summary>
internal static class AlertRule
{
    /// <summary>A fall is over when the change is less than this share of the limit.</summary>
    private const double Recovered = 0.8;

    public static AlertDecision Decide(AlertState? known, string? grade, double? change24h, IReadOnlyList<GradeBand> bands, AlertSettings settings, DateTimeOffset now)
    {
        // The first grade of a unit is no crossing, and a unit without a grade keeps the one it had.
        if (known is null)
            return grade is null ? new(null, null, false, false) : Fall(new(0, grade, DateTimeOffset.UnixEpoch, false), change24h, settings);

        var crossed = grade is not null && grade != known.Grade && now - known.Crossed >= TimeSpan.FromMinutes(settings.QuietMinutes);
        var decision = Fall(known, change24h, settings);
        return !crossed ? decision : decision with
        {
            Next = decision.Next! with { Grade = grade!, Crossed = now },
            Crossing = known.Grade,
            IsFall = Place(bands, grade!) > Place(bands, known.Grade),
        };
    }

    private static AlertDecision Fall(AlertState state, double? change24h, AlertSettings settings)
    {
        var drop = !state.Falling && change24h <= -settings.DropPoints;
        var over = state.Falling && change24h > -settings.DropPoints * Recovered;
        return new(drop || over ? state with { Falling = drop } : state, null, false, drop);
    }

    /// <summary>Bands from the best; a grade that the scheme has no longer counts as the worst.</summary>
    private static int Place(IReadOnlyList<GradeBand> bands, string grade)
    {
        var place = bands.OrderByDescending(band => band.From).Select(band => band.Code).ToList().IndexOf(grade);
        return place < 0 ? bands.Count : place;
    }
}
