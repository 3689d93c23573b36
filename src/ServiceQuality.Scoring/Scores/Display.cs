namespace ServiceQuality.Scoring;

/// <summary>Numbers as people see them.</summary>
public static class Display
{
    /// <summary>Rounds a score so that rounding never crosses a band limit: 89.96 is shown as 89.9, not as 90.0.</summary>
    /// <param name="score">0–100.</param>
    /// <param name="bands">Bands of the scheme.</param>
    /// <param name="digits">Digits after the point.</param>
    public static double Round(double score, IReadOnlyList<GradeBand> bands, int digits = 1)
    {
        var exact = Math.Round(score, 9);
        var shown = Math.Round(exact, digits, MidpointRounding.ToEven);
        foreach (var band in bands)
        {
            if (exact < band.From && shown >= band.From)
                return Math.Round(exact, digits, MidpointRounding.ToNegativeInfinity);
            if (exact >= band.From && shown < band.From)
                return Math.Round(exact, digits, MidpointRounding.ToPositiveInfinity);
        }
        return shown;
    }
}
