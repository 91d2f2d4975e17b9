using System.Reflection;
using System.Runtime.InteropServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace GanFromScratch.Tests;

/// <summary>A line of source that uses a declaration of another folder of its project. A project's own folder is "."</summary>
internal sealed record Arrow(string File, int Line, string From, string To, string What)
{
    public override string ToString() => $"{File}:{Line}: {From} -> {To} ({What})";
}

/// <summary>
/// Reads the arrows between a project's folders from symbols, as the compiler binds them: aliases, global usings, inferred types,
/// constants, nameof, operators and extension methods are seen through. Doc comments are left out: documentation may point anywhere.
/// </summary>
internal static class Arrows
{
    private const string ImplicitUsings =
        "global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq;"
        + "global using System.Net.Http; global using System.Threading; global using System.Threading.Tasks;";

    private static readonly CSharpParseOptions Parse = new(LanguageVersion.CSharp14);

    private static readonly PortableExecutableReference[] Installed =
        [.. $"{AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")}".Split(Path.PathSeparator)
            .Select(file => MetadataReference.CreateFromFile(file))];

    /// <summary>Compiles sources in memory; throws if they don't compile, since an unbound name would hide an arrow.</summary>
    /// <param name="name">The assembly's name.</param>
    /// <param name="sources">Texts with their paths in the project, as in Ops/Relu.cs.</param>
    /// <param name="below">The compiled projects that it references.</param>
    public static CSharpCompilation Compile(string name, IEnumerable<(string Path, string Text)> sources, params CSharpCompilation[] below)
    {
        (string Path, string Text)[] written = [.. sources];
        var trees = written.Append((Path: "", Text: ImplicitUsings))
            .Select(source => CSharpSyntaxTree.ParseText(source.Text, Parse, source.Path));
        string[] compiledHere = [.. below.Select(project => project.AssemblyName!), name];
        var references = Installed.Where(assembly => !compiledHere.Contains(Path.GetFileNameWithoutExtension(assembly.FilePath)))
            .Concat<MetadataReference>(below.Select(project => project.ToMetadataReference()));
        var kind = written.Any(source => source.Path == "Program.cs") ? OutputKind.ConsoleApplication : OutputKind.DynamicallyLinkedLibrary;
        var options = new CSharpCompilationOptions(kind, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable);
        CSharpGeneratorDriver.Create(Generators(), parseOptions: Parse)
            .RunGeneratorsAndUpdateCompilation(CSharpCompilation.Create(name, trees, references, options), out var compilation, out _);
        var errors = compilation.GetDiagnostics().Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error);
        return errors.Any() ? throw new InvalidOperationException(string.Join('\n', errors)) : (CSharpCompilation)compilation;
    }

    /// <summary>Lists every arrow between two folders of a project, by file and line.</summary>
    public static List<Arrow> Read(CSharpCompilation project)
    {
        var written = Written(project).ToHashSet();
        return [.. written.AsParallel().SelectMany(tree => Read(tree, project.GetSemanticModel(tree), written)).Distinct()
            .OrderBy(arrow => arrow.File, StringComparer.Ordinal).ThenBy(arrow => arrow.Line)];
    }

    /// <summary>Lists the arrows that do not point down.</summary>
    /// <param name="arrows">A project's arrows.</param>
    /// <param name="floors">The folders from top to bottom; those of "Models, Losses" share a floor and do not know each other.</param>
    public static IEnumerable<Arrow> Wrong(IEnumerable<Arrow> arrows, string[] floors) =>
        arrows.Where(arrow => Floor(floors, arrow.To) <= Floor(floors, arrow.From));

    /// <summary>The sources that were written by hand, as against the generators' and the implicit usings.</summary>
    public static IEnumerable<SyntaxTree> Written(CSharpCompilation project) =>
        project.SyntaxTrees.Where(tree => tree.FilePath.Length > 0 && !tree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal));

    /// <summary>The folder of a source in its project, "." for the project's own.</summary>
    public static string Folder(SyntaxTree tree) => Path.GetDirectoryName(tree.FilePath) is { Length: > 0 } folder ? folder : ".";

    private static IEnumerable<Arrow> Read(SyntaxTree tree, SemanticModel model, HashSet<SyntaxTree> written) =>
        from node in tree.GetRoot().DescendantNodes()
        from symbol in Symbols(model, node).SelectMany(Parts)
        from folder in Declarations(symbol, written).Select(Folder).Distinct()
        where folder != Folder(tree)
        let line = node.GetLocation().GetLineSpan().StartLinePosition.Line + 1
        select new Arrow(tree.FilePath, line, Folder(tree), folder, (symbol.ContainingType ?? symbol).Name);

    /// <summary>All that the compiler binds at a node: named, declared, inferred, called or converted to.</summary>
    private static IEnumerable<ISymbol?> Symbols(SemanticModel model, SyntaxNode node)
    {
        var named = model.GetSymbolInfo(node);
        var typed = model.GetTypeInfo(node);
        IEnumerable<ISymbol?> unnamed = node switch
        {
            ForEachStatementSyntax loop => Called(model.GetForEachStatementInfo(loop)),
            ForEachVariableStatementSyntax loop =>
                [.. Called(model.GetForEachStatementInfo(loop)), .. Called(model.GetDeconstructionInfo(loop))],
            AssignmentExpressionSyntax assignment => Called(model.GetDeconstructionInfo(assignment)),
            AwaitExpressionSyntax wait => [model.GetAwaitExpressionInfo(wait).GetAwaiterMethod],
            QueryClauseSyntax clause => Called(model.GetQueryClauseInfo(clause)),
            ExpressionSyntax value => [model.GetCollectionInitializerSymbolInfo(value).Symbol],
            _ => [],
        };
        return [model.GetDeclaredSymbol(node), named.Symbol, .. named.CandidateSymbols, typed.Type, typed.ConvertedType, .. unnamed];
    }

    private static IEnumerable<ISymbol?> Called(ForEachStatementInfo loop) =>
        [loop.GetEnumeratorMethod, loop.MoveNextMethod, loop.CurrentProperty, loop.DisposeMethod];

    private static IEnumerable<ISymbol?> Called(DeconstructionInfo deconstruction) =>
        deconstruction.Nested.SelectMany(Called).Append(deconstruction.Method);

    private static IEnumerable<ISymbol?> Called(QueryClauseInfo clause) => [clause.CastInfo.Symbol, clause.OperationInfo.Symbol];

    /// <summary>A symbol's own declarations: what arrays, pointers, generic arguments and reduced extension methods are made of.</summary>
    private static IEnumerable<ISymbol> Parts(ISymbol? symbol) => symbol switch
    {
        IArrayTypeSymbol array => Parts(array.ElementType),
        IPointerTypeSymbol pointer => Parts(pointer.PointedAtType),
        IFunctionPointerTypeSymbol { Signature: var call } => call.Parameters.SelectMany(Parts).Concat(Parts(call.ReturnType)),
        INamedTypeSymbol type => [type.OriginalDefinition, .. type.TypeArguments.SelectMany(Parts), .. Parts(type.ContainingType)],
        IMethodSymbol { ReducedFrom: { } extension } method => [.. Parts(extension), .. method.TypeArguments.SelectMany(Parts)],
        IMethodSymbol method => [method.OriginalDefinition, .. method.TypeArguments.SelectMany(Parts), .. Parts(method.ContainingType)],
        IPropertySymbol or IFieldSymbol or IEventSymbol => [symbol.OriginalDefinition, .. Parts(symbol.ContainingType)],
        ILocalSymbol local => Parts(local.Type),
        IParameterSymbol parameter => Parts(parameter.Type),
        INamespaceSymbol { IsGlobalNamespace: false } => [symbol],
        _ => [],
    };

    /// <summary>
    /// Where a symbol is declared in the project; what a generator or the compiler declares is its container's. A namespace counts if it is
    /// one folder's.
    /// </summary>
    private static SyntaxTree[] Declarations(ISymbol symbol, HashSet<SyntaxTree> written)
    {
        SyntaxTree[] declared = [.. symbol.DeclaringSyntaxReferences.Select(reference => reference.SyntaxTree).Where(written.Contains)];
        if (symbol is INamespaceSymbol && declared.Select(Folder).Distinct().Count() > 1)
            return [];
        return declared.Length == 0 && symbol.ContainingType is { } container ? Declarations(container, written) : declared;
    }

    private static int Floor(string[] floors, string folder)
    {
        int floor = Array.FindIndex(floors, shared => shared.Split(", ").Contains(folder));
        return floor >= 0 ? floor : throw new InvalidOperationException($"the folder {folder} has no floor");
    }

    private static IEnumerable<ISourceGenerator> Generators()
    {
        string packs = Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "../../../packs/Microsoft.NETCore.App.Ref");
        string pack = Directory.GetDirectories(packs, $"{Environment.Version.Major}.*").Order(StringComparer.Ordinal).Last();
        (string Assembly, string Type)[] generators = // the other assemblies there want an editor
        [
            ("Microsoft.Interop.LibraryImportGenerator", "Microsoft.Interop.LibraryImportGenerator"),
            ("System.Text.RegularExpressions.Generator", "System.Text.RegularExpressions.Generator.RegexGenerator"),
            ("System.Text.Json.SourceGeneration", "System.Text.Json.SourceGeneration.JsonSourceGenerator"),
        ];
        return from generator in generators
               let assembly = Assembly.LoadFrom(Path.Combine(pack, "analyzers/dotnet/cs", generator.Assembly + ".dll"))
               select ((IIncrementalGenerator)Activator.CreateInstance(assembly.GetType(generator.Type)!)!).AsSourceGenerator();
    }
}
