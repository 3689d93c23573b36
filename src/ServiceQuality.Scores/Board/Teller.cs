using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace ServiceQuality.Scores.Board;

/// <summary>
/// Of several processes of this service, all of which see the same changes, one tells the other services: the one that holds a lock of the
/// database. The lock ends with the connection, however the process ends.
/// </summary>
internal sealed class Teller([FromKeyedServices(ScoresService.Name)] NpgsqlDataSource db) : IAsyncDisposable
{
    private NpgsqlConnection? _holding;

    /// <summary>Whether this process is the one; takes the lock when nobody has it.</summary>
    public async Task<bool> IsHereAsync(CancellationToken ct)
    {
        try
        {
            var connection = _holding ?? await db.OpenConnectionAsync(ct);
            // Asked of a connection that has the lock already it only says whether the connection is still there.
            await using var command = new NpgsqlCommand(
                _holding is null ? "SELECT pg_try_advisory_lock(hashtextextended('tell:' || current_schema(), 0))" : "SELECT true", connection);
            if (await command.ExecuteScalarAsync(ct) is true)
            {
                _holding = connection;
                return true;
            }
            await connection.DisposeAsync();
            return false;
        }
        catch (Exception e) when (e is NpgsqlException or OperationCanceledException)
        {
            await DisposeAsync();
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_holding is not { } connection)
            return;
        _holding = null;
        await using (connection)
        {
            try
            {
                // Given back to the pool, the connection would keep the lock until somebody uses it again.
                await using var command = new NpgsqlCommand("SELECT pg_advisory_unlock_all()", connection);
                await command.ExecuteNonQueryAsync();
            }
            catch (Exception e) when (e is NpgsqlException or InvalidOperationException)
            {
                // The connection is gone, and the lock with it.
            }
        }
    }
}
