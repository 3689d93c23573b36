using Npgsql;
using ServiceQuality.Scores.Journals;

namespace ServiceQuality.Scores.Branches;

/// <summary>Appends to one branch that wait for their turn: those that wait are written together.</summary>
/// <param name="writeAsync">Writes them, in their order; answers what was written of all their entries.</param>
/// <param name="written">Called once those who wait have been told.</param>
/// <param name="failed">Called when something has thrown: whether anything was written is unknown.</param>
internal sealed class AppendQueue(Func<IReadOnlyList<FactsAppend>, Task<Appended>> writeAsync, Action written, Action failed)
{
    private readonly Lock _lock = new();
    private List<Waiting> _waiting = [];
    private bool _draining;

    /// <summary>Writes facts; returns after the commit.</summary>
    public Task<AppendResult> AppendAsync(FactsAppend append)
    {
        var waiting = new Waiting(append);
        lock (_lock)
        {
            _waiting.Add(waiting);
            if (_draining)
                return waiting.Completion.Task;
            _draining = true;
        }
        _ = DrainAsync();
        return waiting.Completion.Task;
    }

    private async Task DrainAsync()
    {
        while (true)
        {
            List<Waiting> taken;
            lock (_lock)
            {
                if (_waiting.Count == 0)
                {
                    _draining = false;
                    return;
                }
                taken = _waiting;
                _waiting = [];
            }

            try
            {
                Complete(taken, await writeAsync([.. taken.Select(waiting => waiting.Append)]));
                written();
            }
            catch (Exception e)
            {
                failed();
                var failure = e is NpgsqlException ? new TemporarilyUnavailableException("The journal could not be written.", e) : e;
                foreach (var waiting in taken)
                    waiting.Completion.TrySetException(failure);
            }
        }
    }

    private static void Complete(List<Waiting> taken, Appended appended)
    {
        var at = 0;
        foreach (var waiting in taken)
        {
            var written = 0;
            foreach (var entry in waiting.Append.Entries)
            {
                if (at < appended.Written.Count && ReferenceEquals(entry, appended.Written[at]))
                {
                    at++;
                    written++;
                }
            }
            waiting.Completion.TrySetResult(new AppendResult(appended.Head, written, waiting.Append.Entries.Count - written));
        }
    }

    private sealed class Waiting(FactsAppend append)
    {
        public FactsAppend Append => append;

        public TaskCompletionSource<AppendResult> Completion { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
