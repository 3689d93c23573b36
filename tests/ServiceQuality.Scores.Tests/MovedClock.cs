namespace ServiceQuality.Scores.Tests;

/// <summary>The real clock, some time ahead or behind; moved when a test wants to be there.</summary>
internal sealed class MovedClock(DateTimeOffset start) : TimeProvider
{
    private TimeSpan _offset = start - System.GetUtcNow();

    public override DateTimeOffset GetUtcNow() => System.GetUtcNow() + _offset;

    public void GoTo(DateTimeOffset moment) => _offset = moment - System.GetUtcNow();
}
