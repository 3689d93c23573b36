using System.ComponentModel.DataAnnotations;

namespace ServiceQuality.Monitoring.Telemetry;

/// <summary>What intake accepts (MON-05).</summary>
internal sealed class IntakeSettings
{
    public const string Section = "Telemetry";

    /// <summary>Most items of one POST.</summary>
    [Range(1, 1_000)]
    public int MaxItems { get; set; } = 1_000;

    /// <summary>Most bytes of one POST after unpacking.</summary>
    [Range(1_024, 64 << 20)]
    public int MaxBytes { get; set; } = 4 << 20;

    /// <summary>How far a fact's time may lie ahead of ours.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "1.00:00:00")]
    public TimeSpan Ahead { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How far back a fact's time may lie; scoring keeps no buckets beyond it (scoring.md §2).</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "400.00:00:00")]
    public TimeSpan Horizon { get; set; } = TimeSpan.FromDays(400);

    /// <summary>How long a repetition is recognised here; the journal recognises it for ever.</summary>
    [Range(typeof(TimeSpan), "35.00:00:00", "400.00:00:00")]
    public TimeSpan SeenKeeps { get; set; } = TimeSpan.FromDays(36);
}
