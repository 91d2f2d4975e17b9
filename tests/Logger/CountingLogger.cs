using Microsoft.VisualStudio.TestPlatform.ObjectModel;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Client;
using Microsoft.VisualStudio.TestPlatform.ObjectModel.Logging;

namespace GanFromScratch.TestLogger;

/// <summary>
/// What `dotnet test` prints: each failure whole, how far it is every half minute, and at the end a line for each reason why tests were
/// skipped. The platform's own logger has a line for each skipped test, and not the reason.
/// </summary>
[FriendlyName("counts")]
[ExtensionUri("logger://GanFromScratch/counts")]
public sealed class CountingLogger : ITestLogger
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(30);
    private readonly Dictionary<string, int> _reasons = [];
    private DateTime _said = DateTime.UtcNow;
    private int _tests, _failed;

    /// <inheritdoc/>
    public void Initialize(TestLoggerEvents events, string testRunDirectory)
    {
        events.TestResult += (_, e) => Take(e.Result);
        events.TestRunMessage += (_, e) => Say(e);
        events.TestRunComplete += (_, _) => Finish();
    }

    private void Take(TestResult result)
    {
        _tests++;
        if (result.Outcome == TestOutcome.Failed)
        {
            _failed++;
            Console.WriteLine($"  Failed {result.DisplayName ?? result.TestCase.DisplayName} [{result.Duration.TotalSeconds:0.0} s]");
            Console.WriteLine($"    {result.TestCase.FullyQualifiedName}");
            Console.WriteLine($"{Indented(result.ErrorMessage)}\n{Indented(result.ErrorStackTrace)}\n");
        }
        else if (result.Outcome is TestOutcome.Skipped or TestOutcome.NotFound)
        {
            string reason = (result.ErrorMessage ?? "without a reason").Replace("OneTimeSetUp: ", "", StringComparison.Ordinal).Trim();
            _reasons[reason] = _reasons.GetValueOrDefault(reason) + 1;
        }
        if (DateTime.UtcNow - _said < Between)
            return;
        _said = DateTime.UtcNow;
        Console.WriteLine($"  {_tests:N0} tests so far, {_failed} failed");
    }

    private static void Say(TestRunMessageEventArgs message)
    {
        if (message.Level != TestMessageLevel.Informational)
            Console.WriteLine(message.Message);
    }

    private void Finish()
    {
        foreach (var (reason, count) in _reasons.OrderByDescending(pair => pair.Value))
            Console.WriteLine($"  {count:N0} skipped: {reason}");
    }

    private static string Indented(string? text) => $"    {text?.Trim().ReplaceLineEndings("\n    ")}";
}
