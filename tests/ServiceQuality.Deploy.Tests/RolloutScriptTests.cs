using System.Diagnostics;

namespace ServiceQuality.Deploy;

/// <summary><c>deploy/kustomize/rollout.sh</c> against a kubectl that only notes what it is told, but for rendering.</summary>
public sealed class RolloutScriptTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("rollout-").FullName;

    [Fact]
    public async Task Migrations_have_ended_before_any_service_is_touched()
    {
        Assert.Equal(0, await RunAsync("migrate-organisation=Complete\nmigrate-gateway=SuccessCriteriaMet Complete"));

        Assert.Equal(
            ["apply settings", "apply server", "wait statefulset.apps/postgres", "delete job", "apply migration", "apply service, backup", "wait deployment.apps/gateway"],
            Steps());
    }

    [Fact]
    public async Task A_failed_migration_stops_the_rollout()
    {
        Assert.Equal(1, await RunAsync("migrate-organisation=Complete\nmigrate-gateway=Failed"));

        Assert.DoesNotContain("apply service, backup", Steps());
    }

    private async Task<int> RunAsync(string jobs)
    {
        var stub = Path.Combine(_folder, "kubectl");
        var kubectl = Environment.GetEnvironmentVariable("PATH")!.Split(':').Select(folder => Path.Combine(folder, "kubectl")).First(File.Exists);
        await File.WriteAllTextAsync(stub, $"""
            #!/bin/sh
            [ "$1" = kustomize ] && exec {kubectl} "$@"
            echo "$*" >>"$FOLDER/log"
            case $* in
              *"get job"*) printf '%s\n' "$JOBS" ;;
              *"get deployment"*) echo deployment.apps/gateway ;;
              *"get statefulset"*) echo statefulset.apps/postgres ;;
            esac
            """, TestContext.Current.CancellationToken);
        File.SetUnixFileMode(stub, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        using var script = Process.Start(new ProcessStartInfo(Tree.At("deploy", "kustomize", "rollout.sh"), [Tree.At("deploy", "kustomize", "overlays", "small")])
        {
            Environment = { ["PATH"] = $"{_folder}:{Environment.GetEnvironmentVariable("PATH")}", ["FOLDER"] = _folder, ["JOBS"] = jobs },
        })!;
        await script.WaitForExitAsync(TestContext.Current.CancellationToken);
        return script.ExitCode;
    }

    /// <summary>What changed something or was waited for, in order.</summary>
    private IEnumerable<string> Steps() => File.ReadLines(Path.Combine(_folder, "log")).Select(line => line switch
    {
        _ when line.StartsWith("apply", StringComparison.Ordinal) => $"apply {line.Split('(', ')')[1]}",
        _ when line.Contains("rollout status", StringComparison.Ordinal) => $"wait {line.Split(' ').Single(word => word.Contains('/', StringComparison.Ordinal))}",
        _ when line.Contains("delete job", StringComparison.Ordinal) => "delete job",
        _ => "",
    }).Where(step => step.Length > 0);

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
