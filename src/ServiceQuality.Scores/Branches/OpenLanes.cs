using System.Collections.Concurrent;
using Npgsql;

namespace ServiceQuality.Scores.Branches;

/// <summary>The lanes that are open in this process, and those that are being opened: whoever asks meanwhile waits for the same one.</summary>
/// <param name="openAsync">Opens the lane of a unit.</param>
internal sealed class OpenLanes(Func<Guid, Task<BranchLane>> openAsync)
{
    private readonly ConcurrentDictionary<Guid, Lazy<Task<BranchLane>>> _lanes = new();

    /// <summary>Units of which the lane is open, or being opened.</summary>
    public ICollection<Guid> Units => _lanes.Keys;

    /// <summary>Those that are open.</summary>
    public IEnumerable<BranchLane> All
    {
        get
        {
            foreach (var (_, lane) in _lanes)
            {
                if (lane is { IsValueCreated: true, Value.IsCompletedSuccessfully: true })
                    yield return lane.Value.GetAwaiter().GetResult();
            }
        }
    }

    public bool Contains(Guid unit) => _lanes.ContainsKey(unit);

    /// <summary>Takes in a lane that was opened otherwise, unless there is one.</summary>
    public void Add(BranchLane lane) => _lanes.TryAdd(lane.Unit, new(Task.FromResult(lane)));

    /// <summary>The lane of a unit; opens it if it is not.</summary>
    /// <exception cref="TemporarilyUnavailableException">It could not be opened; the next one tries again.</exception>
    public async Task<BranchLane> OpenAsync(Guid unit)
    {
        var lane = _lanes.GetOrAdd(unit, static (unit, openAsync) => new(() => openAsync(unit)), openAsync);
        try
        {
            return await lane.Value;
        }
        catch (Exception e)
        {
            _lanes.TryRemove(new(unit, lane));
            throw e is NpgsqlException ? new TemporarilyUnavailableException("The journal could not be opened.", e) : e;
        }
    }

    /// <summary>The lane of a unit once it is open; null when nobody opens it, or when it could not be opened.</summary>
    public async Task<BranchLane?> FindAsync(Guid unit) => _lanes.TryGetValue(unit, out var opening) ? await LaneOrNullAsync(opening) : null;

    /// <summary>Takes the lane of a unit out, once it is open; null when there was none, or when it could not be opened.</summary>
    public async Task<BranchLane?> RemoveAsync(Guid unit) => _lanes.TryRemove(unit, out var opening) ? await LaneOrNullAsync(opening) : null;

    private static async Task<BranchLane?> LaneOrNullAsync(Lazy<Task<BranchLane>> opening)
    {
        try
        {
            return await opening.Value;
        }
        catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
        {
            return null;
        }
    }
}
