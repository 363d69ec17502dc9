export declare function typesOf(description: object): Promise<string>;
