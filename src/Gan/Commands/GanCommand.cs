using System.CommandLine;
using GanFromScratch.Gan.Errors;
using GanFromScratch.Gan.Options;
using GanFromScratch.Gan.Terminal;

namespace GanFromScratch.Gan.Commands;

/// <summary>A command of the program: its options, examples for its help, and its action.</summary>
internal abstract class GanCommand : Command
{
    protected GanCommand(string name, string description)
        : base(name, description) => SetAction(_ => { }); // never invoked, but without one the parser misses a subcommand

    /// <summary>Its options, in groups, and arguments.</summary>
    public abstract IRequestOptions Bound { get; }

    /// <summary>
    /// Makes its options and arguments known to the parser. Making them takes longer than all the rest of a short command, so only the
    /// command that was typed does.
    /// </summary>
    public abstract void Bind();

    /// <summary>Examples of arguments, each with what it does.</summary>
    public abstract IReadOnlyList<(string Line, string Does)> Examples { get; }

    /// <summary>Returns a request whose values are the defaults that the help shows; null: the help shows none.</summary>
    public abstract object? Defaults(ParseResult given);

    /// <summary>Returns what an option does in this command, where that isn't what its property says; otherwise null.</summary>
    public virtual string? DescriptionOf(string option) => null;

    /// <summary>
    /// Whether the output is what the command is run for: it has failed where nobody could get it. Where the output tells of other work,
    /// that goes on.
    /// </summary>
    public virtual bool IsReadFor(ParseResult given) => true;

    /// <summary>Runs the command.</summary>
    /// <param name="given">What was typed.</param>
    /// <param name="screen">The output.</param>
    /// <param name="interruption">Ends the program at a signal, unless the command asks to finish something first.</param>
    /// <exception cref="GanException">The command failed, with its exit code.</exception>
    public abstract ExitCode Run(ParseResult given, Screen screen, Interruption interruption);
}

/// <summary>A command whose options and arguments are the properties of a request.</summary>
/// <typeparam name="T">The request: properties with <see cref="OptionAttribute"/> and <see cref="ArgumentAttribute"/>.</typeparam>
internal abstract class GanCommand<T> : GanCommand
    where T : class, new()
{
    private readonly Lazy<RequestOptions<T>> _options;

    protected GanCommand(string name, string description, Func<OptionProperty, bool>? has = null)
        : base(name, description) => _options = new(() => new RequestOptions<T>(has));

    /// <inheritdoc/>
    public override IRequestOptions Bound => Options;

    /// <summary>The options.</summary>
    protected new RequestOptions<T> Options => _options.Value;

    /// <inheritdoc/>
    public override void Bind() => Options.AddTo(this);

    /// <inheritdoc/>
    public override object? Defaults(ParseResult given) => new T();

    /// <summary>Returns what was typed; the rest has its defaults.</summary>
    protected T Read(ParseResult given) => Options.Read(given, new T());
}
