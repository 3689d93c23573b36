namespace ServiceQuality.Organisation;

/// <summary>A part of a list; <paramref name="Next"/> is handed back as <c>after</c> to read on, and is null at the end.</summary>
internal sealed record Page<T>(IReadOnlyList<T> Items, string? Next);
