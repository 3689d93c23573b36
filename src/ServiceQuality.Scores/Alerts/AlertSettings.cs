using System.ComponentModel.DataAnnotations;

namespace ServiceQuality.Scores.Alerts;

/// <summary>When a live score raises an alert (SCO-31). Section <c>Alerts</c>.</summary>
internal sealed class AlertSettings
{
    public const string Section = "Alerts";

    /// <summary>A fall of so many points in 24 hours is told.</summary>
    [Range(0.1, 100)]
    public double DropPoints { get; set; } = 5;

    /// <summary>A unit whose score plays about a limit between grades is told of no further crossing for so long; then of where it stands.</summary>
    [Range(0, 1440)]
    public int QuietMinutes { get; set; } = 60;

    /// <summary>Alerts older than this are removed.</summary>
    [Range(1, 3650)]
    public int KeepDays { get; set; } = 400;
}
