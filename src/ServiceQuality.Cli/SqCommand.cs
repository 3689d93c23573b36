using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using System.Globalization;
using ServiceQuality.Cli.Access;
using ServiceQuality.Cli.Analysis;
using ServiceQuality.Cli.Audit;
using ServiceQuality.Cli.Import;
using ServiceQuality.Cli.Organisation;
using ServiceQuality.Cli.Scores;
using ServiceQuality.Cli.Simulation;
using ServiceQuality.Cli.Telemetry;

namespace ServiceQuality.Cli;

/// <summary>The command line as a whole: what there is, how failures become messages and exit codes.</summary>
internal static class SqCommand
{
    public static async Task<int> RunAsync(string[] args, Surroundings surroundings)
    {
        // The parser would speak the language of the machine, and only half of it: it speaks English, and ParseWords to the reader.
        CultureInfo.CurrentUICulture = CultureInfo.InvariantCulture;
        var parsed = Create(surroundings).Parse(args);
        using var said = new StringWriter();
        var configuration = new InvocationConfiguration { Output = surroundings.Output, Error = parsed.Errors.Count > 0 ? said : surroundings.Error, EnableDefaultExceptionHandler = false };
        try
        {
            var code = await parsed.InvokeAsync(configuration);
            await surroundings.Error.WriteAsync(ParseWords.Of(surroundings, said.ToString()));
            return parsed.Action is ParseErrorAction ? ExitCodes.Usage : code;
        }
        catch (UsageException exception)
        {
            return await FailAsync(exception.Message, ExitCodes.Usage);
        }
        catch (ServiceCallException exception)
        {
            return await FailAsync(exception.Message, ExitCodes.Of(exception.Failure));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return await FailAsync(Explain(exception), ExitCodes.Usage);
        }
        catch (OperationCanceledException)
        {
            return await FailAsync(surroundings.Say("cancelled", "已取消"), ExitCodes.Cancelled);
        }

        string Explain(Exception exception) => exception switch
        {
            FileNotFoundException { FileName: { } file } => surroundings.Say($"{file} does not exist", $"{file} 不存在"),
            DirectoryNotFoundException => surroundings.Say($"a folder does not exist: {exception.Message}", $"文件夹不存在：{exception.Message}"),
            UnauthorizedAccessException => surroundings.Say($"not allowed to read or write: {exception.Message}", $"没有读写权限：{exception.Message}"),
            _ => surroundings.Say($"cannot read or write: {exception.Message}", $"无法读写：{exception.Message}"),
        };

        async Task<int> FailAsync(string message, int code)
        {
            await surroundings.Error.WriteLineAsync("sq: " + message);
            return code;
        }
    }

    public static RootCommand Create(Surroundings surroundings)
    {
        var root = new RootCommand("ServiceQuality at the command line: bring facts in, read scores, check them.")
        {
            ImportCommand.Create(surroundings),
            SimulateCommand.Create(surroundings),
            ScoreCommand.Create(surroundings),
            ReplayCommand.Create(surroundings),
            VerifyCommand.Create(surroundings),
            VerifyResultCommand.Create(surroundings),
            UnitsCommand.Create(surroundings),
            KeysCommands.Create(surroundings),
            AhpCommand.Create(surroundings),
            EntropyCommand.Create(surroundings),
            FuzzyCommand.Create(surroundings),
            ServqualCommand.Create(surroundings),
            ChartCommand.Create(surroundings),
            RankCommand.Create(surroundings),
            ForecastCommand.Create(surroundings),
            SignInCommands.SignIn(surroundings),
            SignInCommands.SignOut(surroundings),
        };
        if (root.Options.OfType<HelpOption>().FirstOrDefault() is { Action: HelpAction help } option)
            option.Action = new HelpWithExamples(help);
        return root;
    }

    /// <summary>The usual help, then examples and exit codes.</summary>
    private sealed class HelpWithExamples(HelpAction help) : SynchronousCommandLineAction
    {
        public override int Invoke(ParseResult parseResult)
        {
            var code = help.Invoke(parseResult);
            var output = parseResult.InvocationConfiguration.Output;
            if (parseResult.CommandResult.Command is CommandWithExamples { Examples: var examples })
            {
                output.WriteLine("Examples:");
                foreach (var example in examples)
                    output.WriteLine("  " + example);
                output.WriteLine();
            }

            output.WriteLine(ExitCodes.Text);
            return code;
        }
    }
}
