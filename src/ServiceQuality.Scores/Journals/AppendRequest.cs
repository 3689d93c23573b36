namespace ServiceQuality.Scores.Journals;

/// <summary>An append that waits for its commit, and what becomes of it.</summary>
internal sealed class AppendRequest(JournalHead head, IReadOnlyList<Entry> entries, IReadOnlyList<BatchOrigin> origins, bool lookUpFirst)
{
    public JournalHead Head => head;

    public IReadOnlyList<Entry> Entries => entries;

    public IReadOnlyList<BatchOrigin> Origins => origins;

    public bool LookUpFirst { get; set; } = lookUpFirst;

    public bool Stale { get; set; }

    public List<Entry> Fresh { get; private set; } = [];

    public List<DateTimeOffset> Times { get; } = [];

    public long NewHead => head.Head + Fresh.Count;

    public DateTimeOffset NewReceived => Times.Count > 0 ? Times[^1] : head.Received;

    public TaskCompletionSource<Appended> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Leaves out what is known or said twice, and gives every entry that stays its received, which never falls.</summary>
    public void Number(HashSet<(int Branch, Guid Key)>? known)
    {
        var seen = new HashSet<Guid>(entries.Count);
        var fresh = new List<Entry>(entries.Count);
        Times.Clear();
        var received = head.Received;
        foreach (var entry in entries)
        {
            if (!seen.Add(entry.Key) || known?.Contains((head.Branch, entry.Key)) == true)
                continue;

            received = entry.Received > received ? entry.Received : received;
            fresh.Add(entry);
            Times.Add(received);
        }
        Fresh = fresh;
    }
}
